import { randomUUID } from "node:crypto"
import { Effect, type Scope } from "effect"
import { HostError } from "../../contract/errors.ts"
import type { Gauges, ProviderHostShape } from "../../contract/provider.ts"
import type { HookRecord } from "../../contract/test-application.ts"
import { harnessClientOptions } from "../cloudflare/capabilities.ts"
import { openStores } from "../cloudflare/open-stores.ts"
import { storeKey } from "../cloudflare/wire.ts"
import { classifyRequests } from "./classify.ts"
import { openElectricClient } from "./client/client.ts"
import { plantedReaderSeams } from "./client/seams.ts"
import { harnessPaths } from "./harness-paths.ts"
import { countSlots, hostStorage, readLog, wipeStores } from "./host-storage.ts"
import { hostProcess } from "./host-process.ts"
import type { ElectricPair } from "./pair.ts"
import { ownMemoryBytes } from "./process-memory.ts"
import { connectDatabase, onTables, storeOf } from "./push-api/database.ts"
import { startPushApi } from "./push-api/start-push-api.ts"

/** How the host is started. */
export interface ElectricHostOptions {
  /** The provider's key. */
  readonly key: string
  readonly title: string
  /** The planted bug to run with. */
  readonly mutant?: string
  /** Told at the end of each push API how often the planted bug made something wrong. */
  readonly onFired?: (times: number) => void
  /** How live pulls hear of news; default: server-sent events. */
  readonly live?: "events" | "long-poll"
}

/** Runs the push API before a running pair of Postgres and Electric, for as long as the scope lasts. */
export const startElectricHost = Effect.fnUntraced(function* (
  pair: ElectricPair,
  options: ElectricHostOptions,
): Effect.fn.Return<ProviderHostShape, HostError, Scope.Scope> {
  const { key, title, mutant, onFired } = options
  const token = randomUUID()
  const revoked = new Set<string>()
  const seams = plantedReaderSeams(mutant, () => onFired?.(1))
  const stores = openStores()
  const api = yield* startPushApi({
    databaseUrl: pair.databaseUrl,
    electric: pair.electric,
    token,
    revoked: () => [...revoked],
    ...(mutant === undefined || seams !== undefined ? {} : { mutant }),
  })
  const paths = harnessPaths(api.target, token)
  const sql = connectDatabase(pair.databaseUrl())
  yield* Effect.addFinalizer(() => Effect.promise(() => sql.end(0).catch(() => undefined)))
  // The count lives in the process: it is read before each orderly end of one.
  const reportFired =
    mutant === undefined || onFired === undefined
      ? Effect.void
      : Effect.ignore(Effect.map(paths.api<number>("fired"), onFired))
  yield* Effect.addFinalizer(() => reportFired)
  const process = hostProcess({
    pair,
    api,
    tableOf: async (storeId) => (await onTables(sql, async () => storeOf(sql, await storeKey(storeId)))).log,
    beforeEnd: reportFired,
  })
  const pids = () => [...(pair.process?.pids() ?? []), ...[api.pid() ?? []].flat()]

  const reset = Effect.gen(function* () {
    yield* process.resume ?? Effect.void
    yield* process.start ?? Effect.void
    yield* Effect.tryPromise({
      // Other hosts may use the same database: theirs stay.
      try: async () => wipeStores(sql, await Promise.all(stores.used().map(storeKey))),
      catch: (error) => new HostError({ message: `could not wipe the stores: ${String(error)}` }),
    })
    revoked.clear()
    stores.forget()
    yield* paths.api("forget", "")
  })

  return {
    identity: Effect.succeed({
      name: key,
      version: pair.version,
      ...(mutant === undefined ? {} : { detail: `mutant ${mutant}` }),
    }),
    open: ({ link, ...args }) =>
      Effect.gen(function* () {
        yield* Effect.acquireRelease(
          Effect.sync(() => stores.opened(args.storeId)),
          (closed) => Effect.sync(closed),
        )
        if (link !== undefined && link.kind !== "tcp") {
          return yield* new HostError({ message: "this provider needs a TCP link" })
        }
        return yield* openElectricClient({
          ...args,
          name: key,
          description: title,
          target: () => link ?? api.target(),
          options: harnessClientOptions,
          ...(options.live === undefined ? {} : { live: options.live }),
          ...(seams === undefined ? {} : { seams }),
        })
      }),
    reset,
    endpoint: { kind: "tcp", protocol: "http", target: api.target },
    classify: classifyRequests,
    app: {
      seen: (storeId) =>
        Effect.map(paths.store<ReadonlyArray<Omit<HookRecord, "storeId">>>(storeId, "seen"), (calls) =>
          calls.map((call) => ({ ...call, storeId })),
        ),
      revoke: (id) =>
        Effect.gen(function* () {
          revoked.add(id)
          if (api.isUp()) yield* paths.api("revoke", id)
        }),
    },
    process,
    storage: hostStorage(sql, paths),
    inspect: (storeId) =>
      Effect.tryPromise({
        try: async () => {
          const rows = await readLog(sql, await storeKey(storeId))
          return rows.map(({ seqNum, parentSeqNum, name, args, clientId, sessionId }) => {
            const event = { seqNum, parentSeqNum, name, clientId, sessionId }
            return args === null ? event : { ...event, args: JSON.parse(args) as unknown }
          })
        },
        catch: (error) => new HostError({ message: `could not read the log: ${String(error)}` }),
      }),
    gauges: (storeId) =>
      Effect.map(Effect.all([paths.store<Gauges>(storeId, "gauges"), countSlots(sql)]), ([gauges, slots]) => ({
        ...gauges,
        slots,
        memoryBytes: pids().reduce((sum, pid) => sum + ownMemoryBytes(pid), 0),
      })),
    logTail: Effect.sync(() => [...pair.logTail(), ...api.logTail()]),
    ownEnds: Effect.sync(() => [...(pair.ownEnds?.() ?? []), ...api.ownEnds()]),
  }
})
