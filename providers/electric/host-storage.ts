import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import { HostError } from "../../contract/errors.ts"
import type { StorageFault } from "../../contract/fault.ts"
import type { BackendStorage } from "../../contract/provider.ts"
import { storeKey } from "../cloudflare/wire.ts"
import { createLog, insertRows, type Store } from "./push-api/database.ts"
import type { FaultReading, StandingFaults } from "./push-api/storage-faults.ts"
import type { HarnessPaths } from "./harness-paths.ts"
import type { Sql, Statements } from "./sql/open-sql.ts"
import { identifiers } from "./sql/statement.ts"
import type { LogRow } from "./wire.ts"

const attempt = <A>(what: string, body: () => Promise<A>): Effect.Effect<A, HostError> =>
  Effect.tryPromise({ try: body, catch: (error) => new HostError({ message: `could not ${what}: ${String(error)}` }) })

/** What can be done to a store's data past the provider. */
export const hostStorage = (sql: Sql, paths: HarnessPaths): BackendStorage => {
  const faultsOf = (storeId: string) => paths.store<FaultReading>(storeId, "faults")
  const setFaults = (storeId: string, faults: Partial<StandingFaults>) =>
    Effect.asVoid(paths.store(storeId, "faults", JSON.stringify(faults)))
  /** The life ends, and its table with it; the next one that asks begins another. */
  const wipe = (storeId: string) => attempt("wipe the store", async () => wipeStores(sql, [await storeKey(storeId)]))

  const fault = (storeId: string, { kind, ...slow }: StorageFault) =>
    Effect.gen(function* () {
      const before = yield* faultsOf(storeId)
      if (kind === "slow" && "ms" in slow) {
        yield* setFaults(storeId, { slowMs: slow.ms, slowWritesOnly: slow.of === "writes" })
        return {
          bit: Effect.map(faultsOf(storeId), ({ slowed }) => slowed - before.slowed),
          heal: setFaults(storeId, { slowMs: 0 }),
        }
      }
      if (kind !== "full") return yield* new HostError({ message: `Postgres cannot be made ${kind} here` })
      yield* setFaults(storeId, { full: true })
      return {
        bit: Effect.map(faultsOf(storeId), ({ filled }) => filled - before.filled),
        heal: setFaults(storeId, { full: false }),
      }
    })

  return {
    wipe,
    wipeBeneath: wipe,
    snapshot: (storeId) =>
      attempt("take a snapshot", async () => {
        const saved = await saveStore(sql, await storeKey(storeId))
        return attempt("restore the snapshot", () => restoreStore(sql, saved))
      }),
    outage: (storeId) => Effect.as(setFaults(storeId, { outage: true }), setFaults(storeId, { outage: false })),
    failWrite: (storeId, nth) => setFaults(storeId, { writesUntilFailure: nth }),
    fault,
    bit: (storeId) => Effect.map(faultsOf(storeId), ({ bit }) => bit),
  }
}

/** Ends the lives of these stores. */
export const wipeStores = async (sql: Sql, keys: ReadonlyArray<string>): Promise<void> => {
  if (keys.length === 0) return
  await sql.begin((transaction) => endLives(transaction, keys))
}

const endLives = async (transaction: Statements, keys: ReadonlyArray<string>): Promise<void> => {
  const stores = await transaction<Array<Store>>`
    select * from sync_stores where key = any(${keys}) for update`
  if (stores.length === 0) return
  await transaction`delete from sync_stores where key = any(${stores.map(({ key }) => key)})`
  await transaction`drop table if exists ${identifiers(...stores.map(({ log }) => log))}`
}

interface SavedStore {
  readonly key: string
  readonly store: Store | undefined
  readonly rows: ReadonlyArray<LogRow>
}

const saveStore = async (sql: Sql, key: string): Promise<SavedStore> =>
  sql.begin(async (transaction) => {
    const [store] = await transaction<Array<Store>>`select * from sync_stores where key = ${key} for update`
    const rows = store === undefined ? [] : await transaction<Array<LogRow>>`select * from ${identifiers(store.log)}`
    return { key, store, rows }
  })

/**
 * As a restored dump is: the same data and the same life in tables that Electric has never seen. One transaction:
 * between two of them a client that asks for the store would begin a life of its own, and the restored one be lost.
 */
const restoreStore = (sql: Sql, { key, store, rows }: SavedStore): Promise<void> =>
  sql.begin(async (transaction) => {
    await endLives(transaction, [key])
    if (store === undefined) return
    const log = `log_${key.slice(0, 12)}_${randomUUID().replaceAll("-", "")}`
    await createLog(transaction, log)
    await insertRows(transaction, log, rows)
    // A life that was beginning while there was none ends here.
    await transaction`
      insert into sync_stores (key, "backendId", log, head, digest, size)
      values (${key}, ${store.backendId}, ${log}, ${store.head}, ${store.digest}, ${store.size})
      on conflict (key) do update set
        "backendId" = excluded."backendId", log = excluded.log,
        head = excluded.head, digest = excluded.digest, size = excluded.size`
  })

/** Replication slots of the whole database: one for each process that follows its log. */
export const countSlots = (sql: Sql): Effect.Effect<number, HostError> =>
  attempt("count the replication slots", async () => {
    const [row] = await sql<Array<{ readonly slots: number }>>`select count(*)::int as slots from pg_replication_slots`
    return row?.slots ?? 0
  })

/** The store's log as it lies in Postgres. */
export const readLog = async (sql: Sql, key: string): Promise<ReadonlyArray<LogRow>> => {
  const [store] = await sql<Array<Store>>`select * from sync_stores where key = ${key}`
  if (store === undefined) return []
  return sql<Array<LogRow>>`select * from ${identifiers(store.log)} order by "seqNum"`
}
