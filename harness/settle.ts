import { Cause, Effect, Exit } from "effect"
import type { Arena, CheckStop } from "./arena.ts"
import type { ArenaContext } from "./arena-context.ts"
import type { StartedOperation } from "./operation.ts"
import { awaitWithin } from "./waiting.ts"

/** Undoes what the check left standing: faults first, so that the backend is reachable when it comes up. */
const heal = Effect.fnUntraced(function* (context: ArenaContext): Effect.fn.Return<void, CheckStop> {
  for (const { client } of context.clients) yield* client.link.heal
  for (const undo of [...context.undo.values()].toReversed()) yield* undo
})

/**
 * Waits for every operation that can still take effect: one that ran into its deadline gets three more of them from
 * then on, and like every other a whole one from now on, for what held it up may have been healed only now. Live pulls
 * have no end to wait for.
 */
const drain = Effect.fnUntraced(function* (context: ArenaContext): Effect.fn.Return<void> {
  const { deadlineMs } = context.provider.capabilities.times
  const nowMs = context.timers.nowMs()
  const leftMs = ({ stuckAtMs }: StartedOperation): number =>
    Math.max(deadlineMs, (stuckAtMs() ?? -Infinity) + 3 * deadlineMs - nowMs)
  const live = new Set<number>()
  for (const record of context.recorder.records()) {
    if (record.k === "invoke" && record.f === "live") live.add(record.op)
  }
  const pending = context.clients
    .flatMap(({ running }) => [...running])
    .filter((operation) => context.outstanding.has(operation.op) && !live.has(operation.op))
  yield* Effect.forEach(pending, (operation) => awaitWithin(operation.ended, leftMs(operation)), {
    concurrency: "unbounded",
    discard: true,
  })
})

/** Stores whose log may hold something that no truth has been read of yet. */
const storesToRead = (context: ArenaContext): ReadonlyArray<string> => {
  const open = new Set<string>()
  const storeOfPush = new Map<number, string>()
  for (const record of context.recorder.records()) {
    if (record.k === "invoke" && record.f === "push") storeOfPush.set(record.op, record.store)
    else if (record.k === "ok" || record.k === "indefinite" || record.k === "interrupted" || record.k === "stuck") {
      const store = storeOfPush.get(record.op)
      if (store !== undefined) open.add(store)
    } else if (record.k === "truth") open.delete(record.store)
  }
  return [...context.stores].filter((store) => open.has(store))
}

/** A check that does nothing finds nothing: that is no pass. */
const sawNothing = ({ clients, recorder }: ArenaContext): boolean =>
  clients.length === 0 && !recorder.records().some(({ k }) => k === "finding" || k === "unjudged")

const healAndRead = Effect.fnUntraced(function* (
  context: ArenaContext,
  arena: Arena,
  skipTruth: boolean,
): Effect.fn.Return<void, CheckStop> {
  yield* heal(context)
  if (skipTruth) return
  if (sawNothing(context)) context.recorder.unjudged("the check opened no client, so it has seen nothing")
  yield* drain(context)
  for (const store of storesToRead(context)) yield* arena.truth(store)
})

/** Heals everything, waits until nothing can change any more, and reads the final truth of every store. */
export const settleAndReadTruth = Effect.fnUntraced(function* (
  context: ArenaContext,
  arena: Arena,
  skipTruth: boolean,
): Effect.fn.Return<{ readonly notTestable?: string; readonly harnessError?: string; readonly over: boolean }> {
  const exit = yield* Effect.exit(healAndRead(context, arena, skipTruth))
  for (const { running } of context.clients) {
    for (const operation of running) if (operation.now() === undefined) yield* operation.interrupt(0)
  }
  const shut = yield* Effect.forEach(context.clients, ({ shut }) => shut, { concurrency: "unbounded" })
  const over = context.outstanding.size === 0 && shut.every(Boolean)
  if (Exit.isSuccess(exit)) return { over }
  const failure = exit.cause.reasons.find(Cause.isFailReason)
  return failure === undefined
    ? { over, harnessError: `settling died: ${Cause.pretty(exit.cause).split("\n")[0]}` }
    : { over, notTestable: failure.error.message }
})
