import { fileURLToPath } from "node:url"
import { Effect, type Scope } from "effect"
import { HostError } from "../../../contract/errors.ts"
import { startOutliver } from "../outlive.ts"
import { openSql, type Sql } from "../sql/open-sql.ts"
import { identifiers } from "../sql/statement.ts"

/** The variable that hands the database to the program which cleans up behind a killed run; it holds a password. */
export const cleanedDatabaseVariable = "SYNC_GAUNTLET_DATABASE"

/** An advisory lock of Postgres: shared by the hosts that use a database, taken alone by who removes their tables. */
const lockKey = 7_243_002

/** The push API's tables in the database, by a pattern of POSIX. */
export const ownTablePattern = "^(sync_stores|log_[0-9a-f]{12}_[0-9a-f]{32})$"

/**
 * Uses a database for as long as the scope lasts. What killed runs left is removed before, and the last host that goes
 * removes everything; a killed process's locks are released by Postgres itself, and its tables by a program that
 * outlives it.
 */
export const leaseDatabase = Effect.fnUntraced(function* (
  databaseUrl: string,
): Effect.fn.Return<void, HostError, Scope.Scope> {
  yield* startOutliver(fileURLToPath(new URL("cleaner.ts", import.meta.url)), {
    [cleanedDatabaseVariable]: databaseUrl,
  })
  yield* Effect.acquireRelease(
    attempt(async () => {
      const sql = lockConnection(databaseUrl)
      await removeTables(sql)
      await sql`select pg_advisory_lock_shared(${lockKey})`
      return sql
    }),
    (sql) =>
      Effect.promise(async () => {
        await sql`select pg_advisory_unlock_shared(${lockKey})`.then(() => removeTables(sql)).catch(() => undefined)
        await sql.end().catch(() => undefined)
      }),
  )
})

/** Removes the push API's tables unless a host uses them. */
export const cleanDatabase = async (databaseUrl: string): Promise<void> => {
  const sql = lockConnection(databaseUrl)
  await removeTables(sql).finally(() => sql.end())
}

/** Locks belong to a connection: there is one, and it stays. */
const lockConnection = (databaseUrl: string): Sql => openSql(databaseUrl, { max: 1, applicationName: "sync gauntlet" })

const removeTables = async (sql: Sql): Promise<void> => {
  const [lock] = await sql<[{ readonly alone: boolean }]>`select pg_try_advisory_lock(${lockKey}) as alone`
  if (!lock.alone) return
  try {
    const tables = await sql<Array<{ readonly name: string }>>`
      select relname as name from pg_class
      where relkind = 'r' and relname ~ ${ownTablePattern} and relnamespace = current_schema()::regnamespace`
    if (tables.length > 0) await sql`drop table if exists ${identifiers(...tables.map(({ name }) => name))}`
  } finally {
    await sql`select pg_advisory_unlock(${lockKey})`
  }
}

const attempt = <A>(body: () => Promise<A>): Effect.Effect<A, HostError> =>
  Effect.tryPromise({
    try: body,
    catch: (error) => new HostError({ message: `could not take the database into use: ${String(error)}` }),
  })
