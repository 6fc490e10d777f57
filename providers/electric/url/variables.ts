/** The variables that name a pair of Postgres and Electric which already runs. */
export const electricUrlVariable = "GAUNTLET_ELECTRIC_URL"
export const databaseUrlVariable = "GAUNTLET_DATABASE_URL"
/** Electric's secret; not needed where Electric was started with ELECTRIC_INSECURE=true. */
export const electricSecretVariable = "GAUNTLET_ELECTRIC_SECRET"

/** A pair that runs. */
export interface RunningPair {
  readonly electricUrl: string
  readonly databaseUrl: string
  readonly secret: string | undefined
}

/** The pair that the environment names; else one line that says what to set. */
export const namedPair = (env: NodeJS.ProcessEnv = process.env): RunningPair | string => {
  const { [electricUrlVariable]: electricUrl, [databaseUrlVariable]: databaseUrl } = env
  if (electricUrl === undefined && databaseUrl === undefined) {
    return `set ${electricUrlVariable} and ${databaseUrlVariable} to a running Electric and its database`
  }
  if (electricUrl === undefined) return `set ${electricUrlVariable} to the Electric that replicates from that database`
  if (databaseUrl === undefined) return `set ${databaseUrlVariable} to the database that Electric replicates from`
  if (!isUrl(electricUrl, "http:", "https:")) {
    return `${electricUrlVariable}=${electricUrl} is no URL of Electric: write it as http://host:3000`
  }
  if (!isUrl(databaseUrl, "postgres:", "postgresql:") || databaseOf(databaseUrl) === "") {
    // It holds a password: it is not repeated.
    return `${databaseUrlVariable} is no URL of a database: write it as postgresql://user:password@host:5432/database`
  }
  return { electricUrl, databaseUrl, secret: env[electricSecretVariable] }
}

const isUrl = (text: string, ...schemes: ReadonlyArray<string>): boolean =>
  URL.canParse(text) && schemes.includes(new URL(text).protocol)

/** The name of the database in its URL. */
export const databaseOf = (databaseUrl: string): string => decodeURIComponent(new URL(databaseUrl).pathname.slice(1))

/** Where the database is, without its password: "db.example:5432/app". */
export const placeOf = (databaseUrl: string): string => {
  const { hostname, port } = new URL(databaseUrl)
  return `${hostname}:${port === "" ? "5432" : port}/${databaseOf(databaseUrl)}`
}
