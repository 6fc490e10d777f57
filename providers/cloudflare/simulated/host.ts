import { Effect, Random, type Scope } from "effect"
import { hash32 } from "../../../chaos/draw.ts"
import { Timers } from "../../../chaos/timers.ts"
import { HostError } from "../../../contract/errors.ts"
import type { BackendProcess, BackendStorage, ClientControls, ProviderHostShape } from "../../../contract/provider.ts"
import { socketPair } from "../../mock/socket-pair.ts"
import { harnessClientOptions } from "../capabilities.ts"
import { dialOver } from "../client/socket-link.ts"
import { openSyncClient } from "../client/sync-client.ts"
import { virtualSockets } from "./client-socket.ts"
import { classifyLines } from "./line.ts"
import { SimulatedPlatform } from "./platform.ts"

/** How a simulated host differs from the reference. */
export interface SimulatedOptions {
  /** Where logs lie. Default "do". */
  readonly logs?: "do" | "d1"
  /** The planted bug to run with, an id of `cloudflareMutants`. */
  readonly mutant?: string
  /** Told each time that the planted bug makes something wrong. */
  readonly onFired?: () => void
}

/** What the clients' metadata says. */
export interface ProviderNames {
  readonly key: string
  readonly title: string
}

const processOf = (platform: SimulatedPlatform): BackendProcess => ({
  kill: Effect.sync(() => platform.kill()),
  start: Effect.sync(() => platform.start()),
  restart: Effect.sync(() => {
    platform.kill()
    platform.start()
  }),
  deploy: Effect.sync(() => platform.deploy()),
  pause: Effect.map(platform.process, () => platform.running.forEach((process) => process.pause())),
  resume: Effect.map(platform.process, () => platform.running.forEach((process) => process.resume())),
  evict: (storeId, sockets) =>
    Effect.flatMap(platform.process, () =>
      sockets === "hibernate"
        ? Effect.forEach(platform.running, (process) => process.hibernate(storeId), { discard: true })
        : Effect.sync(() => platform.abort(storeId)),
    ),
  instance: (storeId) => Effect.map(platform.process, (process) => process.object(storeId).instance),
  peekInstance: (storeId) => Effect.sync(() => platform.peekInstance(storeId)),
})

const storageOf = (platform: SimulatedPlatform): BackendStorage => ({
  wipe: (storeId) => Effect.sync(() => platform.wipe(storeId)),
  wipeBeneath: (storeId) => Effect.sync(() => platform.log(storeId).wipeBeneath()),
  snapshot: (storeId) =>
    Effect.sync(() => {
      const restore = platform.snapshot(storeId)
      return Effect.sync(restore)
    }),
  outage: (storeId) =>
    Effect.sync(() => {
      const storage = platform.storage(storeId)
      storage.outages += 1
      let over = false
      return Effect.sync(() => {
        if (!over) storage.outages -= 1
        over = true
      })
    }),
  failWrite: (storeId, nth) => Effect.sync(() => void (platform.storage(storeId).writesUntilFailure = nth)),
  fault: (storeId, fault) => platform.fault(storeId, fault),
  bit: (storeId) => Effect.sync(() => platform.storage(storeId).bit),
})

/** The wall clocks of clients: how far each is ahead of the world's, in milliseconds. */
const wallClocks = (nowMs: () => number) => {
  const aheadMs = new Map<string, number>()
  const keyOf = (storeId: string, clientId: string) => JSON.stringify([storeId, clientId])
  const clockMs = (storeId: string, clientId: string) => nowMs() + (aheadMs.get(keyOf(storeId, clientId)) ?? 0)
  const controls: ClientControls = {
    clockMs: (storeId, clientId) => Effect.sync(() => clockMs(storeId, clientId)),
    jumpClock: (storeId, clientId, ms) =>
      Effect.sync(() => {
        const key = keyOf(storeId, clientId)
        aheadMs.set(key, (aheadMs.get(key) ?? 0) + ms)
      }),
  }
  return { clockMs, controls }
}

/** Starts the simulated platform in the world that this runs in; its scope stops everything. */
export const startSimulated = (
  names: ProviderNames,
  options: SimulatedOptions,
): Effect.Effect<ProviderHostShape, never, Scope.Scope> =>
  Effect.gen(function* () {
    const timers = yield* Timers
    const seed = yield* Random.nextInt
    const services = yield* Effect.context<never>()
    const platform = yield* Effect.acquireRelease(
      Effect.sync(() => new SimulatedPlatform({ services, timers, seed, logs: "do", ...options })),
      (started) =>
        Effect.sync(() => {
          started.kill()
          started.close()
        }),
    )
    const clocks = wallClocks(timers.nowMs)
    const direct = () => {
      const [near, far] = socketPair(timers)
      return platform.accept(far) ? near : undefined
    }
    return {
      identity: Effect.sync(() => ({ name: names.key, version: platform.versionText })),
      open: ({ link, ...args }) => {
        if (link !== undefined && link.kind !== "virtual") {
          return Effect.fail(new HostError({ message: "this provider needs a virtual link" }))
        }
        const { storeId, clientId } = args
        let drawn = 0
        return openSyncClient({
          ...args,
          name: names.key,
          description: names.title,
          dial: dialOver(virtualSockets({ storeId, dial: link?.dial ?? direct, timers })),
          url: () => "",
          options: {
            ...harnessClientOptions,
            clock: {
              ...timers,
              wallMs: () => clocks.clockMs(storeId, clientId),
              random: () => hash32(seed, `client ${storeId} ${clientId} ${++drawn}`) / 0x1_0000_0000,
            },
          },
        })
      },
      reset: Effect.sync(() => platform.reset()),
      endpoint: { kind: "virtual", accept: platform.accept },
      classify: classifyLines,
      app: {
        seen: (storeId) => Effect.sync(() => platform.seen(storeId)),
        revoke: (id) => Effect.sync(() => platform.revoke(id)),
      },
      process: processOf(platform),
      storage: storageOf(platform),
      clients: clocks.controls,
      inspect: (storeId) =>
        Effect.sync(() =>
          platform
            .log(storeId)
            .inspect()
            .map(({ seqNum, parentSeqNum, name, args, clientId, sessionId }) => {
              const event = { seqNum, parentSeqNum, name, clientId, sessionId }
              return args === undefined ? event : { ...event, args: JSON.parse(args) as unknown }
            }),
        ),
      gauges: (storeId) => Effect.sync(() => platform.gauges(storeId)),
      logTail: Effect.sync(() => platform.logTail()),
    } satisfies ProviderHostShape
  })
