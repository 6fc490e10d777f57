import { Effect, Random } from "effect"
import { draw } from "../../chaos/draw.ts"
import { Timers, type TimersShape } from "../../chaos/timers.ts"
import type { HostError } from "../../contract/errors.ts"
import type { StorageFault } from "../../contract/fault.ts"
import type {
  BackendProcess,
  BackendStorage,
  ClientControls,
  ProviderHostShape,
  StandingHostFault,
} from "../../contract/provider.ts"
import type { Scope } from "effect"
import { Backend } from "./backend/backend.ts"
import { mockCapabilities } from "./capabilities.ts"
import { classifyMock } from "./classify.ts"
import { openMockClient } from "./client/client.ts"
import { seamsWith, type MockSeams } from "./seams.ts"
import { socketPair } from "./socket-pair.ts"
import { MockStorage } from "./storage.ts"
import { eventOf } from "./stored-event.ts"

const processOf = (backend: Backend): BackendProcess => ({
  kill: backend.kill,
  start: backend.start,
  restart: backend.restart,
  pause: backend.pause,
  resume: backend.resume,
  evict: (storeId, sockets) => backend.evict(storeId, sockets),
  deploy: backend.deploy,
  instance: (storeId) => backend.instance(storeId),
  peekInstance: (storeId) => Effect.sync(() => backend.peekInstance(storeId)),
})

/** Puts a fault on a store's storage; with two instances on one storage the second one begins now. */
const standingFault = Effect.fnUntraced(function* (
  backend: Backend,
  storeId: string,
  fault: StorageFault,
): Effect.fn.Return<StandingHostFault, HostError> {
  const { bit, heal } = backend.storage.fault(storeId, fault)
  const endFirst = fault.kind === "two-instances" ? yield* backend.overtake : Effect.void
  return { bit: Effect.sync(bit), heal: Effect.andThen(Effect.sync(heal), endFirst) }
})

/** The wall clocks of clients: how far each is ahead of the world's, in milliseconds. */
const clientClocks = (timers: TimersShape) => {
  const aheadMs = new Map<string, number>()
  const keyOf = (storeId: string, clientId: string) => JSON.stringify([storeId, clientId])
  const clockMs = (storeId: string, clientId: string) => timers.nowMs() + (aheadMs.get(keyOf(storeId, clientId)) ?? 0)
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

const storageOf = (backend: Backend): BackendStorage => {
  const { storage } = backend
  return {
    wipe: (storeId) =>
      Effect.sync(() => {
        storage.wipe(storeId)
        backend.poke(storeId)
      }),
    wipeBeneath: (storeId) => Effect.sync(() => storage.wipe(storeId)),
    snapshot: (storeId) =>
      Effect.sync(() => {
        const taken = storage.snapshot(storeId)
        return Effect.andThen(
          backend.stop,
          Effect.suspend(() => {
            storage.restore(storeId, taken)
            return backend.start
          }),
        )
      }),
    outage: (storeId) =>
      Effect.sync(() => {
        const data = storage.data(storeId)
        data.outages += 1
        let over = false
        return Effect.sync(() => {
          if (over) return
          over = true
          data.outages -= 1
        })
      }),
    failWrite: (storeId, nth) => Effect.sync(() => void (storage.data(storeId).failIn = nth)),
    fault: (storeId, fault) => standingFault(backend, storeId, fault),
    bit: (storeId) => Effect.sync(() => storage.data(storeId).bit),
  }
}

/** Starts a mock in the world that this runs in; its scope stops everything. */
export const startMock = Effect.fnUntraced(function* (
  changed: Partial<MockSeams>,
): Effect.fn.Return<ProviderHostShape, never, Scope.Scope> {
  const timers = yield* Timers
  const seed = yield* Random.nextInt
  const seams = seamsWith(changed)
  const storage = new MockStorage(seed, seams.storage)
  const backend = new Backend(storage, seams.backend, mockCapabilities.limits)
  yield* Effect.acquireRelease(backend.start, () => backend.kill)
  const clocks = clientClocks(timers)
  const direct = () => {
    const [near, far] = socketPair(timers)
    return backend.accept(far) ? near : undefined
  }
  return {
    identity: Effect.sync(() => ({ name: "mock", version: backend.versionText })),
    open: (args) => {
      const dial = args.link?.kind === "virtual" ? args.link.dial : direct
      const wallMs = () => clocks.clockMs(args.storeId, args.clientId)
      return openMockClient({
        args,
        seams: seams.client,
        timers: { after: timers.after, nowMs: () => seams.client.clock({ monotonicMs: timers.nowMs, wallMs }) },
        dial,
        draw: (key, below) => draw(seed, key, below),
      })
    },
    reset: backend.reset,
    endpoint: { kind: "virtual", accept: backend.accept },
    classify: classifyMock,
    app: {
      seen: (storeId) => Effect.sync(() => backend.app.seen(storeId)),
      revoke: (id) =>
        Effect.sync(() => {
          backend.app.revoke(id)
          backend.poke()
        }),
    },
    process: processOf(backend),
    storage: storageOf(backend),
    clients: clocks.controls,
    inspect: (storeId) => Effect.sync(() => storage.data(storeId).rows.map(eventOf)),
    gauges: (storeId) => Effect.sync(() => backend.gauges(storeId)),
    logTail: Effect.sync(() => backend.logTail()),
  } satisfies ProviderHostShape
})
