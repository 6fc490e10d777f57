import { Cause, Deferred, Effect, Exit, Scope } from "effect"
import { Timers } from "../chaos/timers.ts"
import type { HistoryRecord } from "../contract/history.ts"
import type { Provider, ProviderHostShape } from "../contract/provider.ts"
import { makeRecorder, type Recorder } from "../history/recorder.ts"
import type { CheckStop } from "./arena.ts"
import type { ArenaContext } from "./arena-context.ts"
import type { Check, Cost } from "./check.ts"
import { closeWithin } from "./close-within.ts"
import { makeArena } from "./make-arena.ts"
import { settleAndReadTruth } from "./settle.ts"
import { makeWaiting, awaitWithin } from "./waiting.ts"
import { watchLag } from "./watch-lag.ts"
import { watchLog } from "./watch-log.ts"

/** One run of one check, before it is judged. */
export interface CheckRun {
  readonly records: ReadonlyArray<HistoryRecord>
  /** A part that the host declares and that could not be used. */
  readonly notTestable?: string
  /** A mistake of the harness or of the check. */
  readonly harnessError?: string
  /** Its steps were given up at their limit. */
  readonly late?: boolean
  /** Nothing of it goes on: every operation has ended and every client was closed. */
  readonly over?: boolean
}

/** How long a check may take before it is given up as a mistake of the harness, in milliseconds. */
const limitOf = ({ cost, limitMs }: Check, { world, capabilities }: Provider): number => {
  if (world === "virtual") return 48 * 3_600_000
  return limitMs?.(capabilities) ?? realLimitsMs[cost]
}
const realLimitsMs: Readonly<Record<Cost, number>> = { quick: 90_000, heavy: 180_000, idle: 240_000 }

/** How long the harness waits for its own clean-up before it leaves it behind in the background. */
const cleanupMs = 10_000

interface RunCheckOptions {
  readonly provider: Provider
  readonly host: ProviderHostShape
  readonly check: Check
  readonly seed: number
  /** Makes the names of this run's stores unlike all others. */
  readonly storePrefix: string
  /** Run once the check's own steps are over and all that is left is waiting: its place may go to another. */
  readonly onSettling?: Effect.Effect<void>
  /** Hears of the recorder before the check begins, to see how far the record is when something happens. */
  readonly onRecorder?: (recorder: Recorder) => void
}

const beginSection = (recorder: Recorder, { provider, check, seed }: RunCheckOptions): void => {
  const { limits, times, errors, supports } = provider.capabilities
  recorder.begin({
    check: check.id,
    clause: check.clause,
    provider: provider.key,
    seed,
    world: provider.world,
    errors,
    pullPageInfoKnown: supports.pullPageInfoKnown,
    pageEvents: limits.pageEvents,
    pageBytes: limits.pageBytes,
    deadlineMs: times.deadlineMs,
    detectionMs: times.detectionMs,
    recoveryMs: times.recoveryMs,
    deliveryMs: times.deliveryMs,
  })
}

/** What the end of a check's own steps says. */
const readExit = (exit: Exit.Exit<void, CheckStop> | undefined, check: Check, limit: number) => {
  if (exit === undefined) {
    return { late: true, harnessError: `the check ${check.id} did not end within ${limit / 1000} s` }
  }
  if (Exit.isSuccess(exit)) return {}
  const failure = exit.cause.reasons.find(Cause.isFailReason)
  if (failure !== undefined) return failure.error.kind === "not-testable" ? { notTestable: failure.error.message } : {}
  return { harnessError: `the check ${check.id} died: ${Cause.pretty(exit.cause).split("\n")[0]}` }
}

/**
 * Runs one check on a running host: its steps, then heal, settle and final truth, then clean-up. Never fails and
 * never hangs: what does not end is left behind and said.
 */
export const runCheck = Effect.fnUntraced(function* (options: RunCheckOptions): Effect.fn.Return<CheckRun> {
  const { provider, host, check, seed } = options
  const timers = yield* Timers
  const recorder = makeRecorder({ nowNs: () => timers.nowMs() * 1_000_000 })
  options.onRecorder?.(recorder)
  const waiting = makeWaiting(timers)
  const scope = yield* Scope.make()
  const context: ArenaContext = {
    provider,
    host,
    seed,
    prefix: options.storePrefix,
    recorder,
    timers,
    waiting,
    scope,
    clients: [],
    outstanding: new Map(),
    undo: new Map(),
    stores: new Set(),
    memories: new Map(),
  }
  beginSection(recorder, options)
  const real = provider.world === "real"
  if (real) yield* Scope.provide(watchLag(recorder, timers), scope)
  // In the virtual world a log is no part of what a seed decides.
  const lastLook = real ? yield* Scope.provide(watchLog(host, recorder, options.storePrefix), scope) : undefined
  const arena = makeArena(context)
  const ownEnds = host.ownEnds ?? Effect.succeed([])
  const endsBefore = (yield* ownEnds).length

  // Clients that the check opened end after the truth was read, not with the check's last step.
  const done = Deferred.makeUnsafe<Exit.Exit<void, CheckStop>>()
  yield* check.run(arena).pipe(
    Scope.provide(scope),
    Effect.exit,
    Effect.flatMap((exit) => Deferred.succeed(done, exit)),
    Effect.forkDetach,
  )
  const limit = limitOf(check, provider)
  const exit = yield* awaitWithin(done, limit)
  const said = readExit(exit, check, limit)

  if (options.onSettling !== undefined) yield* options.onSettling
  const settled = yield* settleAndReadTruth(context, arena, "notTestable" in said || "harnessError" in said)
  if (lastLook !== undefined) yield* lastLook
  recorder.end()
  const closed = yield* closeWithin(scope, cleanupMs)
  // A backend that went down by itself is never silent, whatever the check made of it.
  const [died] = (yield* ownEnds).slice(endsBefore)
  const death = died === undefined ? {} : { harnessError: died }
  return { records: recorder.records(), ...settled, ...said, ...death, over: settled.over && closed }
})
