import { openSql, type Sql } from "../sql/open-sql.ts"
import { ownTablePattern } from "./lease.ts"
import { databaseUrlVariable, placeOf } from "./variables.ts"

/** What a database says of itself, as far as Electric needs it. */
export interface DatabaseFacts {
  readonly walLevel: string
  readonly slots: number
  readonly slotsAtMost: number
  /** Electric's slots on this database that somebody reads from now. */
  readonly electricSlots: number
  /** Tables that no run of the harness made. */
  readonly foreignTables: ReadonlyArray<string>
}

/** Why a run cannot use this database, in one line; undefined when it can. */
export const checkDatabase = async (databaseUrl: string): Promise<string | undefined> => {
  const sql = openSql(databaseUrl, { max: 1, answerMs: 10_000 })
  try {
    return judgeDatabase(placeOf(databaseUrl), await readFacts(sql))
  } catch (error) {
    return cannotConnect(databaseUrl, error as Error & { readonly code?: string })
  } finally {
    await sql.end().catch(() => undefined)
  }
}

const readFacts = async (sql: Sql): Promise<DatabaseFacts> => {
  const [facts] = await sql<[Omit<DatabaseFacts, "foreignTables">]>`select
    current_setting('wal_level') as "walLevel",
    current_setting('max_replication_slots')::int as "slotsAtMost",
    (select count(*)::int from pg_replication_slots) as slots,
    (select count(*)::int from pg_replication_slots
      where active and database = current_database() and slot_name like 'electric\_slot\_%') as "electricSlots"`
  const tables = await sql<Array<{ readonly name: string }>>`
    select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'f', 'm', 'v') and n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
      and c.relname !~ ${ownTablePattern} order by 1`
  return { ...facts, foreignTables: tables.map(({ name }) => name) }
}

/** The database is judged by what would harm first: somebody's data, then what Electric cannot do without. */
export const judgeDatabase = (place: string, facts: DatabaseFacts): string | undefined => {
  const { walLevel, slots, slotsAtMost, electricSlots, foreignTables } = facts
  if (foreignTables.length > 0) {
    const [first, ...others] = foreignTables
    const more = others.length === 0 ? "" : ` and ${others.length} more`
    return `${place} holds tables that no run made (${first}${more}): give ${databaseUrlVariable} a database of its own`
  }
  if (walLevel !== "logical") {
    return (
      `${place} has no logical replication (wal_level=${walLevel}): ` +
      `run ALTER SYSTEM SET wal_level = 'logical' and restart Postgres`
    )
  }
  if (electricSlots > 0) return undefined
  if (slots >= slotsAtMost) {
    return (
      `all ${slotsAtMost} replication slots at ${place} are used: ` +
      `drop one (pg_drop_replication_slot) or raise max_replication_slots, then restart Electric`
    )
  }
  return `no Electric replicates from ${place}: its DATABASE_URL and ${databaseUrlVariable} must name one database`
}

/** What kept from connecting, by Postgres's code or the system's. */
const cannotConnect = (databaseUrl: string, error: Error & { readonly code?: string }): string => {
  const place = placeOf(databaseUrl)
  switch (error.code) {
    case "28P01":
    case "28000":
      return `Postgres at ${place} refuses the user or password of ${databaseUrlVariable}`
    case "3D000":
      return `there is no database ${place}: create it, or correct ${databaseUrlVariable}`
    case "53300":
      return `Postgres at ${place} has no connection left: end some, or raise max_connections`
    case "ECONNREFUSED":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "ETIMEDOUT":
      return `no Postgres answers at ${place} (${error.code}): start it, or correct ${databaseUrlVariable}`
    default:
      return `Postgres at ${place} cannot be used: ${error.message.split("\n")[0] ?? ""}`
  }
}
