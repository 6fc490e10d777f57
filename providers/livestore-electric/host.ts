import { randomUUID } from "node:crypto"
import { Effect, type Scope } from "effect"
import type { HostError } from "../../contract/errors.ts"
import type { Gauges, ProviderHostShape } from "../../contract/provider.ts"
import type { HookRecord } from "../../contract/test-application.ts"
import { harnessPaths } from "../electric/harness-paths.ts"
import { hostAttempt } from "../electric/host-attempt.ts"
import { hostProcess } from "../electric/host-process.ts"
import type { ElectricPair } from "../electric/pair.ts"
import { ownMemoryBytes } from "../electric/process-memory.ts"
import { connectDatabase } from "../electric/push-api/database.ts"
import { startPushApi } from "../electric/push-api/start-push-api.ts"
import { openAsync } from "../from-async.ts"
import { published, type LivestoreBuild } from "../livestore-host/build.ts"
import { classifyExchanges } from "./classify.ts"
import { writeProgram } from "./endpoint/bundle-endpoint.ts"
import { migrate, readEvents } from "./endpoint/event-table.ts"
import { dropTables, hostStorage } from "./host-storage.ts"

/** LiveStore's ping: its published options, both 10 s by default. Shorter here, so that checks of lost connections end soon. */
const ping = { requestInterval: 1_500, requestTimeout: 1_500 }

/** Runs the endpoint before a running pair of Postgres and Electric, for as long as the scope lasts. */
export const startLivestoreElectric = Effect.fnUntraced(function* (
  pair: ElectricPair,
  build: LivestoreBuild = published,
): Effect.fn.Return<ProviderHostShape, HostError, Scope.Scope> {
  const token = randomUUID()
  const revoked = new Set<string>()
  const stores = new Set<string>()
  const { openElectricClient, tableOf } = yield* Effect.promise(build.electric)
  const { file } = yield* Effect.acquireRelease(
    hostAttempt("bundle the endpoint", async () => writeProgram(await build.endpoint())),
    ({ remove }) => Effect.sync(remove),
  )
  const endpoint = yield* startPushApi({
    databaseUrl: pair.databaseUrl,
    electric: pair.electric,
    token,
    revoked: () => [...revoked],
    program: file,
  })
  const paths = harnessPaths(endpoint.target, token)
  const sql = connectDatabase(pair.databaseUrl())
  yield* Effect.addFinalizer(() => Effect.promise(() => sql.end(0).catch(() => undefined)))
  const pids = () => [...(pair.process?.pids() ?? []), ...[endpoint.pid() ?? []].flat()]
  const process = hostProcess({
    pair,
    api: endpoint,
    tableOf: async (storeId) => {
      await migrate(sql, tableOf(storeId))
      return `"${tableOf(storeId)}"`
    },
    beforeEnd: Effect.void,
  })

  const reset = Effect.gen(function* () {
    yield* process.resume ?? Effect.void
    yield* process.start ?? Effect.void
    // Electric serves the rows of a dropped table for a while: it forgets them first.
    yield* Effect.forEach(stores, (storeId) => Effect.ignore(process.evict?.(storeId, "close") ?? Effect.void), {
      concurrency: 8,
    })
    yield* dropTables(sql, [...stores].map(tableOf))
    stores.clear()
    revoked.clear()
    yield* paths.api("forget", "")
  })

  return {
    identity: Effect.succeed({
      name: "@livestore/sync-electric",
      version: build.versionOf("sync-electric") ?? "unknown",
      detail: pair.version,
    }),
    open: (args) =>
      Effect.suspend(() => {
        stores.add(args.storeId)
        return openAsync(
          ({ address = endpoint.target(), ...opened }) =>
            openElectricClient(opened, { endpoint: `http://${address.host}:${address.port}/api/electric`, ping }),
          args,
          { address: endpoint.target(), interruption: "settled" },
        )
      }),
    reset,
    endpoint: { kind: "tcp", protocol: "http", target: endpoint.target },
    classify: classifyExchanges,
    app: {
      seen: (storeId) =>
        Effect.map(paths.store<ReadonlyArray<Omit<HookRecord, "storeId">>>(storeId, "seen"), (calls) =>
          calls.map((call) => ({ ...call, storeId })),
        ),
      revoke: (id) =>
        Effect.gen(function* () {
          revoked.add(id)
          if (endpoint.isUp()) yield* paths.api("revoke", id)
        }),
    },
    process,
    storage: hostStorage(sql, paths, tableOf),
    inspect: (storeId) =>
      hostAttempt("read the table", async () => {
        const table = tableOf(storeId)
        await migrate(sql, table)
        const rows = await readEvents(sql, table)
        return rows.map(({ args, parentSeqNum, ...event }) => ({
          ...event,
          parentSeqNum: parentSeqNum ?? 0,
          args: JSON.parse(args) as unknown,
        }))
      }),
    gauges: (storeId) =>
      Effect.map(paths.store<Gauges>(storeId, "gauges"), (gauges) => ({
        ...gauges,
        memoryBytes: pids().reduce((sum, pid) => sum + ownMemoryBytes(pid), 0),
      })),
    logTail: Effect.sync(() => [...pair.logTail(), ...endpoint.logTail()]),
    ownEnds: Effect.sync(() => [...(pair.ownEnds?.() ?? []), ...endpoint.ownEnds()]),
  }
})
