import { openSql } from "./sql/open-sql.ts"

/** What servers of a pair say of themselves: "Electric 1.7.12 on PostgreSQL 18.4". */
export const pairVersion = async (pair: {
  readonly electricUrl: string
  readonly databaseUrl: string
}): Promise<string> => {
  const health = await fetch(new URL("/v1/health", pair.electricUrl), { headers: { connection: "close" } })
  await health.body?.cancel()
  const sql = openSql(pair.databaseUrl, { max: 1 })
  try {
    const [row] = await sql<Array<{ readonly server_version: string }>>`show server_version`
    return `${serverName(health.headers.get("electric-server"))} on PostgreSQL ${row?.server_version.split(" ")[0]}`
  } finally {
    await sql.end()
  }
}

/** Electric says "ElectricSQL/1.7.12"; nobody else is called Electric. */
const serverName = (header: string | null): string => {
  const [name = "", version = ""] = (header ?? "").split("/")
  if (name === "") return "a server without a name"
  return `${name === "ElectricSQL" ? "Electric" : name} ${version}`.trim()
}
