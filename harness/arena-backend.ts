import { Effect } from "effect"
import type { HostError } from "../contract/errors.ts"
import type { BackendProcess, BackendStorage } from "../contract/provider.ts"
import { CheckStop, type ArenaBackend } from "./arena.ts"
import { notTestable, type ArenaContext } from "./arena-context.ts"
import { makeStorageFaults } from "./arena-storage.ts"

type ProcessEvent = "kill" | "start" | "restart" | "pause" | "resume" | "evict" | "hibernate" | "deploy"

/** Bounds what the host does: a host that hangs is a failure of its own, not a hang of the check. */
const hostLimitMs = 60_000

/** Turns what a host says into what a check hears. */
export const guarded = <A>(
  context: ArenaContext,
  what: string,
  effect: Effect.Effect<A, HostError> | undefined,
): Effect.Effect<A, CheckStop> =>
  effect === undefined
    ? notTestable(context, `the host offers no "${what}"`)
    : Effect.raceFirst(
        Effect.catch(effect, (error) => notTestable(context, `${what} failed: ${error.message}`)),
        Effect.andThen(Effect.sleep(hostLimitMs), notTestable(context, `${what} did not end within 60 s`)),
      )

/** Things done to the backend, each recorded before and after. */
export const makeArenaBackend = (context: ArenaContext, storeId: string): ArenaBackend => {
  const { host, recorder, undo } = context
  const process = host.process ?? ({} as Partial<BackendProcess>)
  const storage = host.storage ?? ({} as Partial<BackendStorage>)

  const happens = (
    what: ProcessEvent,
    effect: Effect.Effect<void, HostError> | undefined,
    store?: string,
  ): Effect.Effect<void, CheckStop> =>
    Effect.gen(function* () {
      const where = store === undefined ? {} : { store }
      recorder.process({ what, phase: "start", ...where })
      yield* guarded(context, `process.${what}`, effect)
      recorder.process({ what, phase: "done", ...where })
    })
  const newLife = (
    how: "wipe" | "wipe-beneath" | "restore",
    store: string,
    effect: Effect.Effect<void, HostError> | undefined,
    head: number,
  ): Effect.Effect<void, CheckStop> =>
    Effect.gen(function* () {
      recorder.life({ store, how, phase: "start", head })
      yield* guarded(context, `storage.${how}`, effect)
      recorder.life({ store, how, phase: "done", head })
    })

  const resume = happens("resume", process.resume).pipe(Effect.tap(() => Effect.sync(() => undo.delete("pause"))))
  const start = happens("start", process.start).pipe(Effect.tap(() => Effect.sync(() => undo.delete("kill"))))

  /** An object that the platform cannot put to sleep is kept awake by something: that is seen, not untestable. */
  const hibernate = (store: string): Effect.Effect<void, CheckStop> => {
    const sleep = process.evict?.(store, "hibernate")
    if (sleep === undefined) return happens("hibernate", sleep, store)
    const refused = (message: string) =>
      Effect.suspend(() => {
        const sentence = `an object with nothing to do cannot be put to sleep: ${message}; therefore something keeps it awake`
        recorder.finding({ anomaly: "restless", sentence, records: [] })
        return Effect.fail(new CheckStop({ kind: "found", message: sentence }))
      })
    return Effect.gen(function* () {
      recorder.process({ what: "hibernate", phase: "start", store })
      yield* Effect.catch(sleep, (error: HostError) => refused(error.message))
      recorder.process({ what: "hibernate", phase: "done", store })
    })
  }

  const snapshot = (store: string) =>
    Effect.gen(function* () {
      // Read before: an event that is acknowledged while the snapshot is taken may be in it or not.
      const log = host.inspect === undefined ? [] : yield* guarded(context, "inspect", host.inspect(store))
      const restore = yield* guarded(context, "storage.snapshot", storage.snapshot?.(store))
      return newLife("restore", store, restore, log.at(-1)?.seqNum ?? 0)
    })
  const standing = makeStorageFaults(context, storage, (what, effect) => guarded(context, what, effect))

  return {
    kill: Effect.suspend(() => {
      undo.set("kill", start)
      return happens("kill", process.kill)
    }),
    start,
    restart: happens("restart", process.restart),
    pause: Effect.suspend(() => {
      undo.set("pause", resume)
      return happens("pause", process.pause)
    }),
    resume,
    evict: (sockets, store = storeId) =>
      sockets === "close" ? happens("evict", process.evict?.(store, "close"), store) : hibernate(store),
    deploy: happens("deploy", process.deploy),
    instance: (store = storeId) => guarded(context, "process.instance", process.instance?.(store)),
    peekInstance: (store = storeId) => guarded(context, "process.peekInstance", process.peekInstance?.(store)),
    cpuMs: guarded(context, "process.cpuMs", process.cpuMs),
    wipe: (store = storeId) => newLife("wipe", store, storage.wipe?.(store), 0),
    wipeBeneath: (store = storeId) => newLife("wipe-beneath", store, storage.wipeBeneath?.(store), 0),
    snapshot: (store = storeId) => snapshot(store),
    outage: (store = storeId) => standing.outage(store),
    fault: (fault, store = storeId) => standing.fault(fault, store),
    failWrite: (nth, store = storeId) =>
      Effect.andThen(
        Effect.sync(() => recorder.fault({ name: `storage write ${nth} fails`, phase: "on", store })),
        guarded(context, "storage.failWrite", storage.failWrite?.(store, nth)),
      ),
    storageBit: (store = storeId) => guarded(context, "storage.bit", storage.bit?.(store)),
    gauges: (store = storeId) => guarded(context, "gauges", host.gauges?.(store)),
    inspect: (store = storeId) => guarded(context, "inspect", host.inspect?.(store)),
    reset: Effect.gen(function* () {
      const stores = [...context.stores]
      for (const store of stores) recorder.life({ store, how: "wipe", phase: "start", head: 0 })
      yield* guarded(context, "reset", host.reset)
      for (const store of stores) recorder.life({ store, how: "wipe", phase: "done", head: 0 })
    }),
    app: host.app ?? {
      seen: () => Effect.succeed([]),
      revoke: () => Effect.void,
    },
  }
}
