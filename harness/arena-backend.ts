import { Effect, Fiber } from "effect"
import type { HostError } from "../contract/errors.ts"
import type { BackendProcess, BackendStorage } from "../contract/provider.ts"
import { CheckStop, type ArenaBackend } from "./arena.ts"
import { notTestable, unjudged, type ArenaContext } from "./arena-context.ts"
import { makeStorageFaults } from "./arena-storage.ts"

type ProcessEvent = "kill" | "start" | "restart" | "pause" | "resume" | "evict" | "hibernate" | "deploy"

/** Bounds what the host does: a host that hangs is a failure of its own, not a hang of the check. */
const hostLimitMs = 60_000

/**
 * What a host does, or what stands in its place when that takes too long. A race costs two fibers and a timer: most
 * of what the mock does is done at once, and then there is none.
 */
const withinLimit = <A, B, E, E2>(
  effect: Effect.Effect<A, E>,
  late: Effect.Effect<B, E2>,
): Effect.Effect<A | B, E | E2> =>
  Effect.flatMap(
    Effect.forkDetach(effect, { startImmediately: true }),
    (fiber): Effect.Effect<A | B, E | E2> =>
      fiber.pollUnsafe() ??
      Effect.raceFirst(Fiber.join(fiber), Effect.andThen(Effect.sleep(hostLimitMs), late)).pipe(
        Effect.ensuring(
          Effect.suspend(() => (fiber.pollUnsafe() === undefined ? Fiber.interrupt(fiber) : Effect.void)),
        ),
      ),
  )

/** Turns what a host says into what a check hears. */
export const guarded = <A>(
  context: ArenaContext,
  what: string,
  effect: Effect.Effect<A, HostError> | undefined,
): Effect.Effect<A, CheckStop> =>
  effect === undefined
    ? notTestable(context, `the host offers no "${what}"`)
    : withinLimit(
        Effect.catch(effect, (error) => notTestable(context, `${what} failed: ${error.message}`)),
        notTestable(context, `${what} did not end within 60 s`),
      )

/** Does something to the process, recorded before and after. */
const recordedProcess = Effect.fnUntraced(function* (
  context: ArenaContext,
  what: ProcessEvent,
  effect: Effect.Effect<void, HostError> | undefined,
  store?: string,
): Effect.fn.Return<void, CheckStop> {
  const where = store === undefined ? {} : { store }
  context.recorder.process({ what, phase: "start", ...where })
  yield* guarded(context, `process.${what}`, effect)
  context.recorder.process({ what, phase: "done", ...where })
})

/** Begins another life of a store's data, recorded before and after. */
const recordedLife = Effect.fnUntraced(function* (
  context: ArenaContext,
  how: "wipe" | "wipe-beneath" | "restore",
  store: string,
  effect: Effect.Effect<void, HostError> | undefined,
  head: number,
): Effect.fn.Return<void, CheckStop> {
  context.recorder.life({ store, how, phase: "start", head })
  yield* guarded(context, `storage.${how}`, effect)
  context.recorder.life({ store, how, phase: "done", head })
})

/** Things done to the backend, each recorded before and after. */
export const makeArenaBackend = (context: ArenaContext, storeId: string): ArenaBackend => {
  const { host, recorder, undo } = context
  const process = host.process ?? ({} as Partial<BackendProcess>)
  const storage = host.storage ?? ({} as Partial<BackendStorage>)

  /**
   * Names what runs for a store, without waking it; undefined where nothing does or nobody can say. A reading that
   * fails proves nothing.
   */
  const peek = (store: string): Effect.Effect<string | undefined> =>
    process.peekInstance === undefined
      ? Effect.succeed(undefined)
      : withinLimit(
          Effect.catch(process.peekInstance(store), () => Effect.succeed(undefined)),
          Effect.succeed(undefined),
        )
  /** Ends the check as unjudged when what ran before still runs: the fault was asked for and did not happen. */
  const mustBeGone = (what: string, before: string | undefined, store: string): Effect.Effect<void, CheckStop> =>
    before === undefined
      ? Effect.void
      : Effect.flatMap(peek(store), (after) =>
          after === before
            ? unjudged(context, `${what} left the running instance ${before} in its place`)
            : Effect.void,
        )
  const replaces = (what: ProcessEvent, store: string, happen: ReturnType<typeof happens>) =>
    Effect.flatMap(peek(store), (before) => Effect.andThen(happen, mustBeGone(what, before, store)))

  /** On a real platform an object that nobody can reach looks alive until its memory is collected. */
  const leaves: typeof replaces = (what, store, happen) =>
    context.provider.world === "virtual" ? replaces(what, store, happen) : happen

  const happens = (what: ProcessEvent, effect: Effect.Effect<void, HostError> | undefined, store?: string) =>
    recordedProcess(context, what, effect, store)
  const newLife = (
    how: "wipe" | "wipe-beneath" | "restore",
    store: string,
    effect: Effect.Effect<void, HostError> | undefined,
    head: number,
  ) => recordedLife(context, how, store, effect, head)

  /** Nobody is told of a wipe beneath the backend: only the storage shows that it happened. */
  const mustBeGoneFrom = (store: string, before: ReadonlySet<string> | undefined): Effect.Effect<void, CheckStop> =>
    Effect.flatMap(stored(store), (after) => {
      // What was pushed meanwhile may be there.
      const left = before === undefined ? after.size : [...after].filter((event) => before.has(event)).length
      return left === 0 ? Effect.void : unjudged(context, `the wipe left ${left} events in the storage`)
    })
  /** What the storage has; nothing where nobody can look. */
  const stored = (store: string): Effect.Effect<ReadonlySet<string>> =>
    host.inspect === undefined
      ? Effect.succeed(new Set())
      : Effect.map(
          Effect.catch(host.inspect(store), () => Effect.succeed([])),
          (events) => new Set(events.map((event) => JSON.stringify(event))),
        )
  const wipeBeneath = (store: string): Effect.Effect<void, CheckStop> =>
    // In the virtual world nothing else happens between the wipe and the look.
    Effect.flatMap(context.provider.world === "virtual" ? Effect.succeed(undefined) : stored(store), (before) =>
      Effect.andThen(
        newLife("wipe-beneath", store, storage.wipeBeneath?.(store), 0),
        Effect.suspend(() => mustBeGoneFrom(store, before)),
      ),
    )

  const resume = happens("resume", process.resume).pipe(Effect.tap(() => Effect.sync(() => undo.delete("pause"))))
  let killed: string | undefined
  const start = happens("start", process.start).pipe(
    Effect.tap(() => Effect.sync(() => undo.delete("kill"))),
    Effect.andThen(Effect.suspend(() => mustBeGone("kill", killed, storeId))),
  )

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
    const asleep = Effect.catch(sleep, (error: HostError) => refused(error.message))
    const note = (phase: "start" | "done") =>
      Effect.sync(() => void recorder.process({ what: "hibernate", phase, store }))
    return Effect.andThen(note("start"), Effect.andThen(asleep, note("done")))
  }

  /** An object that is in use may stay where it is: then the eviction did not happen, and nothing follows from it. */
  const tryEvict: ArenaBackend["tryEvict"] = (sockets, store = storeId) =>
    Effect.gen(function* () {
      const evict = process.evict?.(store, sockets)
      if (evict === undefined) return yield* notTestable(context, 'the host offers no "process.evict"')
      const what = sockets === "close" ? "evict" : "hibernate"
      recorder.process({ what, phase: "start", store })
      const done = yield* Effect.raceFirst(
        Effect.match(evict, { onFailure: () => false, onSuccess: () => true }),
        Effect.as(Effect.sleep(hostLimitMs), false),
      )
      recorder.process({ what, phase: "done", store })
      return done
    })

  const snapshot = (store: string) =>
    // Read before: an event that is acknowledged while the snapshot is taken may be in it or not.
    Effect.flatMap(
      host.inspect === undefined ? Effect.succeed([]) : guarded(context, "inspect", host.inspect(store)),
      (log) =>
        Effect.map(guarded(context, "storage.snapshot", storage.snapshot?.(store)), (restore) =>
          newLife("restore", store, restore, log.at(-1)?.seqNum ?? 0),
        ),
    )
  const standing = makeStorageFaults(context, storage, (what, effect) => guarded(context, what, effect))

  return {
    kill: Effect.flatMap(peek(storeId), (running) => {
      killed = running
      undo.set("kill", start)
      return happens("kill", process.kill)
    }),
    start,
    restart: replaces("restart", storeId, happens("restart", process.restart)),
    pause: Effect.suspend(() => {
      undo.set("pause", resume)
      return happens("pause", process.pause)
    }),
    resume,
    evict: (sockets, store = storeId) =>
      sockets === "close"
        ? leaves("evict", store, happens("evict", process.evict?.(store, "close"), store))
        : leaves("hibernate", store, hibernate(store)),
    tryEvict,
    deploy: replaces("deploy", storeId, happens("deploy", process.deploy)),
    instance: (store = storeId) => guarded(context, "process.instance", process.instance?.(store)),
    peekInstance: (store = storeId) => guarded(context, "process.peekInstance", process.peekInstance?.(store)),
    peekClients: (store = storeId) =>
      process.peekClients === undefined
        ? Effect.succeed([])
        : guarded(context, "process.peekClients", process.peekClients(store)),
    cpuMs: guarded(context, "process.cpuMs", process.cpuMs),
    wipe: (store = storeId) => newLife("wipe", store, storage.wipe?.(store), 0),
    wipeBeneath: (store = storeId) => wipeBeneath(store),
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
    hasGauges: host.gauges !== undefined,
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
