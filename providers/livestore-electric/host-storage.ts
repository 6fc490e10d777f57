import { Effect } from "effect"
import type { BackendStorage } from "../../contract/provider.ts"
import type { HarnessPaths } from "../electric/harness-paths.ts"
import { hostAttempt } from "../electric/host-attempt.ts"
import { hostStorage as electricStorage } from "../electric/host-storage.ts"
import type { Sql } from "../electric/sql/open-sql.ts"
import { identifiers } from "../electric/sql/statement.ts"
import { insertRows, migrate, readEvents, type EventRow } from "./endpoint/event-table.ts"

/** What can be done to a store's data past the provider. `tableOf` names the table of a store's events. */
export const hostStorage = (sql: Sql, paths: HarnessPaths, tableOf: (storeId: string) => string): BackendStorage => {
  /** Electric is told of it by Postgres, as it would not be for a while if the table were made anew under its name. */
  const wipe = (storeId: string) => hostAttempt("wipe the store", () => refill(sql, tableOf(storeId), []))
  return {
    // Faults of statements are the endpoint's, whatever the tables are.
    ...electricStorage(sql, paths),
    wipe,
    wipeBeneath: wipe,
    snapshot: (storeId) =>
      hostAttempt("take a snapshot", async () => {
        const table = tableOf(storeId)
        await migrate(sql, table)
        const rows = await readEvents(sql, table)
        return hostAttempt("restore the snapshot", () => refill(sql, table, rows))
      }),
  }
}

/** Gives a table these rows and no others. */
const refill = async (sql: Sql, table: string, rows: ReadonlyArray<EventRow>): Promise<void> => {
  await migrate(sql, table)
  await sql.begin(async (transaction) => {
    await transaction`truncate ${identifiers(table)}`
    await insertRows(transaction, table, rows)
  })
}

/** Takes tables away for good. */
export const dropTables = (sql: Sql, tables: ReadonlyArray<string>): Effect.Effect<void, never> =>
  tables.length === 0
    ? Effect.void
    : Effect.ignore(
        hostAttempt("drop the tables", async () => {
          await sql`drop table if exists ${identifiers(...tables)}`
        }),
      )
