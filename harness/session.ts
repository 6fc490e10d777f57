import { Context, Effect, Exit, Layer, Scope, Semaphore } from "effect"
import { hash32 } from "../chaos/draw.ts"
import { runVirtual } from "../chaos/world/run-virtual.ts"
import { ProviderHost, type Provider, type ProviderHostShape } from "../contract/provider.ts"
import type { Recorder } from "../history/recorder.ts"
import type { Check } from "./check.ts"
import { closeWithin } from "./close-within.ts"
import { runCheck, type CheckRun } from "./run-check.ts"

/** Runs checks on one provider, each from a clean state. */
export interface Session {
  /**
   * Runs one check once. `attempt` makes the names of a rerun's stores new; `onBegin` is told when it has waited for
   * its place and begins. Never rejects.
   */
  readonly run: (check: Check, seed: number, attempt: number, onBegin?: () => void) => Promise<CheckRun>
  /** The host that checks share, started when first asked for. Rejects when it cannot start. */
  readonly host: () => Promise<ProviderHostShape>
  /** How long each reset took, in milliseconds, by depth; `container` is a backend started anew. */
  readonly resets: Readonly<Record<"backend" | "container", Array<number>>>
  /** Stops every host. */
  readonly close: () => Promise<void>
}

export interface SessionOptions {
  readonly provider: Provider
  /** Makes store names of this session unlike those of others on one backend. Ignored in the virtual world. */
  readonly nonce: string
  /**
   * `backend`: every check gets a host to itself, wiped if another check had it before. `container`: every check gets
   * a host that was never used. Default `store`.
   */
  readonly reset?: "store" | "backend" | "container"
  /** Hears of each run's recorder before the check begins. Not in the virtual world. */
  readonly onRecorder?: (recorder: Recorder) => void
}

/** Checks of a real provider that run at once on one host: most of their time is waiting. */
const sharedAtOnce = 8
/** Checks that run at once beside them on the same host, because nearly all of their time is waiting. */
const waitingAtOnce = 32
/** Hosts that run at once beside the shared one. */
const ownHostsAtOnce = 4
/** How long the end of a host is waited for, in milliseconds: a stopped run gives its children 8 s for two of these. */
const closingMs = 3_500
/** How long a host may take to be wiped before it is given up for a new one, in milliseconds. */
const resettingMs = 5_000
/** Everything that can run at once; a check that has to be alone takes all of it. */
const allAtOnce = sharedAtOnce + waitingAtOnce + ownHostsAtOnce

/**
 * How often in a row, at what period and within what lateness a process has to be on time before a check begins; the
 * longest wait for it. Four ticks of 20 ms let one check begin in 150 ms at the most, and half of the machine idle:
 * cf-ws-do took 32.6 s and takes 19.7 s.
 */
const calmTicks = 2
const calmTickMs = 10
const lateMs = 15
const calmAtMostMs = 3_000

/** A host of one check at a time. */
interface OwnHost {
  readonly scope: Scope.Closeable
  readonly host: ProviderHostShape
}

const storePrefix = (nonce: string, check: Check, attempt: number): string => {
  const words = check.id.replaceAll(/[^a-z0-9]+/g, "-")
  return `${nonce}-${words}${attempt === 0 ? "" : `-again${attempt}`}`
}

const hostOf = (services: Context.Context<ProviderHost>): ProviderHostShape => Context.get(services, ProviderHost)

/** A check run that could not begin. */
const notBegun = (harnessError: string): CheckRun => ({ records: [], harnessError })

/**
 * Waits until this process keeps its time again: a check that begins while others begin makes the machine late, and
 * then no verdict on time is worth anything.
 */
const untilCalm = Effect.gen(function* () {
  let onTime = 0
  for (let waitedMs = 0; waitedMs < calmAtMostMs && onTime < calmTicks;) {
    const fromMs = performance.now()
    yield* Effect.sleep(calmTickMs)
    const tookMs = performance.now() - fromMs
    onTime = tookMs < calmTickMs + lateMs ? onTime + 1 : 0
    waitedMs += tookMs
  }
})

const virtualSession = (provider: Provider): Session => {
  const run: Session["run"] = async (check, seed, attempt, onBegin) => {
    onBegin?.()
    const program = Effect.scoped(
      Effect.flatMap(Layer.build(provider.layer), (services) =>
        runCheck({ provider, host: hostOf(services), check, seed, storePrefix: storePrefix("v", check, attempt) }),
      ),
    )
    const result = runVirtual(hash32(seed, check.id), program)
    if (result._tag !== "done")
      return notBegun(`the check ${check.id} ${result._tag} the virtual world at ${result.virtualMs} ms`)
    return Exit.isSuccess(result.exit)
      ? result.exit.value
      : notBegun(`the host would not start: ${String(result.exit.cause)}`)
  }
  const host = async (): Promise<ProviderHostShape> => {
    const result = runVirtual(0, Effect.scoped(Effect.map(Layer.build(provider.layer), hostOf)))
    if (result._tag === "done" && Exit.isSuccess(result.exit)) return result.exit.value
    throw new Error("the host would not start in the virtual world")
  }
  return { run, host, resets: { backend: [], container: [] }, close: async () => {} }
}

const realSession = ({ provider, nonce, reset, onRecorder }: SessionOptions): Session => {
  const heard = onRecorder === undefined ? {} : { onRecorder }
  const resets: Record<"backend" | "container", Array<number>> = { backend: [], container: [] }
  const sharedScope = Scope.makeUnsafe()
  const shared = Semaphore.makeUnsafe(sharedAtOnce)
  const waiting = Semaphore.makeUnsafe(waitingAtOnce)
  const calm = Semaphore.makeUnsafe(1)
  const ownHosts = Semaphore.makeUnsafe(ownHostsAtOnce)
  const room = Semaphore.makeUnsafe(allAtOnce)
  const ownScopes = new Set<Scope.Closeable>()
  let sharedHost: Promise<ProviderHostShape> | undefined
  let closed = false

  /** A host that is being built ends with its scope, but only once it stands: closing waits for these. */
  let building = 0
  const built = (scope: Scope.Scope) =>
    Effect.gen(function* () {
      const fromMs = performance.now()
      const services = yield* Layer.buildWithScope(provider.layer, scope)
      resets.container.push(performance.now() - fromMs)
      return hostOf(services)
    })
  const buildHost = (scope: Scope.Scope) =>
    Effect.suspend(() => {
      if (closed) return Effect.fail(new Error("the run was stopped"))
      building += 1
      return Effect.ensuring(
        built(scope),
        Effect.sync(() => void (building -= 1)),
      )
    })
  const allBuilt = Effect.gen(function* () {
    for (let n = 0; n < closingMs / 50 && building > 0; n++) yield* Effect.sleep(50)
  })
  const host = () => (sharedHost ??= Effect.runPromise(buildHost(sharedScope)))

  const runShared = (check: Check, seed: number, attempt: number, onSettling: Effect.Effect<void>) =>
    Effect.flatMap(
      Effect.tryPromise(() => host()),
      (built) =>
        runCheck({
          provider,
          host: built,
          check,
          seed,
          storePrefix: storePrefix(nonce, check, attempt),
          onSettling,
          ...heard,
        }),
    )
  /** Hosts whose check is over, to be wiped for the next one. */
  const spare: Array<OwnHost> = []
  const discard = ({ scope }: OwnHost) =>
    Effect.andThen(
      closeWithin(scope, closingMs),
      Effect.sync(() => ownScopes.delete(scope)),
    )
  const wiped = (own: OwnHost) =>
    Effect.gen(function* () {
      const fromMs = performance.now()
      const exit = yield* Effect.exit(Effect.timeout(own.host.reset!, resettingMs))
      if (Exit.isSuccess(exit)) resets.backend.push(performance.now() - fromMs)
      else yield* discard(own)
      return Exit.isSuccess(exit)
    })
  const ownHost = ({ isolation }: Check) =>
    Effect.gen(function* () {
      // One that measures the machine gets a host that nothing has ever run on.
      for (let own = isolation === "alone" ? undefined : spare.pop(); own !== undefined; own = spare.pop())
        if (yield* wiped(own)) return own
      const scope = yield* Scope.make()
      ownScopes.add(scope)
      return { scope, host: yield* buildHost(scope) }
    })
  const runOnOwnHost = (check: Check, seed: number, attempt: number, onSettling: Effect.Effect<void>) =>
    Effect.gen(function* () {
      const own = yield* ownHost(check)
      const exit = yield* Effect.exit(
        runCheck({
          provider,
          host: own.host,
          check,
          seed,
          storePrefix: storePrefix(nonce, check, attempt),
          onSettling,
          ...heard,
        }),
      )
      // What a check left going would be the next one's trouble.
      const clean = Exit.isSuccess(exit) && exit.value.over === true && exit.value.harnessError === undefined
      if (clean && own.host.reset !== undefined && reset !== "container" && !closed) spare.push(own)
      else yield* discard(own)
      return yield* exit
    })
  /**
   * Waits for a place, runs the check in it, and gives the place back when the check only waits for stuck operations
   * to end late. One that has to be alone keeps it to its end.
   */
  const placed = (check: Check, seed: number, attempt: number, begin: Effect.Effect<void>) =>
    Effect.gen(function* () {
      const alone = check.isolation === "alone"
      const own = check.isolation !== "store" || (reset !== undefined && reset !== "store")
      const kind = own ? ownHosts : check.waits === true ? waiting : shared
      const places = alone ? allAtOnce : 1
      let held = true
      const leave = Effect.suspend(() => {
        if (!held) return Effect.void
        held = false
        return Effect.andThen(room.release(places), alone ? Effect.void : kind.release(1))
      })
      if (!alone) yield* kind.take(1)
      yield* room.take(places)
      yield* calm.withPermits(1)(untilCalm)
      yield* begin
      const body: Effect.Effect<CheckRun, unknown> = (own ? runOnOwnHost : runShared)(
        check,
        seed,
        attempt,
        alone ? Effect.void : leave,
      )
      return yield* Effect.ensuring(body, leave)
    })

  const run: Session["run"] = async (check, seed, attempt, onBegin = () => {}) => {
    if (closed) return notBegun("the run was stopped before this check began")
    const exit = await Effect.runPromiseExit(placed(check, seed, attempt, Effect.sync(onBegin)))
    return Exit.isSuccess(exit)
      ? exit.value
      : notBegun(`the host of ${provider.key} would not start: ${messageOf(exit)}`)
  }

  let closing: Promise<void> | undefined
  // Whoever asks waits for the same end: a second caller must not go on while hosts are still stopping.
  const close = (): Promise<void> => {
    closed = true
    return (closing ??= Effect.runPromise(
      Effect.andThen(
        allBuilt,
        Effect.suspend(() =>
          Effect.forEach([sharedScope, ...ownScopes], (scope) => closeWithin(scope, closingMs), {
            concurrency: "unbounded",
            discard: true,
          }),
        ),
      ),
    ))
  }
  return { run, host, resets, close }
}

const messageOf = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return ""
  const reason = exit.cause.reasons[0] as { error?: unknown; defect?: unknown } | undefined
  const value = reason?.error ?? reason?.defect
  return value instanceof Error ? value.message : String(value)
}

/** Opens a session. Nothing starts before the first check needs it. */
export const openSession = (options: SessionOptions): Session =>
  options.provider.world === "virtual" ? virtualSession(options.provider) : realSession(options)
