import { Effect, Option } from "effect"
import type { EventEncoded, PullItem } from "../../contract/event.ts"
import type { ApplyFailed } from "./application.ts"
import { tellAll, type ClientProcess } from "./process.ts"
import { standsOn } from "./rebase.ts"

/** Applies one upstream event and writes it to the log, in one transaction with the pending event that it confirms. */
function* applyOne<State>(process: ClientProcess<State>, event: EventEncoded): Effect.fn.Return<void, ApplyFailed> {
  const { application, disk, seams, steps } = process
  const state = yield* Effect.catchEager(application.apply(disk.image.state, event), (failed) =>
    seams.skipsFailed(event) ? Effect.succeed(disk.image.state) : Effect.fail(failed),
  )
  if (steps.isDead()) return
  disk.append(event, state)
  yield* steps.at("applied")
}

/** Pending events that do not stand on the head any more get other numbers. */
const rebasePending = <State>(process: ClientProcess<State>): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { disk, seams, counters, steps } = process
    const { pending } = disk.image
    if (!standsOn(pending, disk.head)) {
      disk.setPending(seams.rebase(pending, disk.head))
      process.generation += 1
      counters.rebases += 1
    }
    return steps.at("rebased")
  })

/** Applies what an item brings that is not known yet, then rebases what is pending. */
const applyAll = Effect.fnUntraced(function* <State>(
  process: ClientProcess<State>,
  item: PullItem,
): Effect.fn.Return<void, ApplyFailed> {
  for (const { event } of item.events) {
    if (!process.seams.isKnown(event, process.disk.head)) yield* applyOne(process, event)
  }
  yield* rebasePending(process)
})

/**
 * Takes over one pulled item with events: applies them, rebases what is pending, saves the cursor, and tells the
 * sessions what is new to them. Fails at the first event that cannot be applied; what came before it stays applied.
 */
export const takeOver = Effect.fnUntraced(function* <State>(
  process: ClientProcess<State>,
  item: PullItem,
): Effect.fn.Return<void, ApplyFailed> {
  const { disk, seams, steps, counters } = process
  counters.items += 1
  yield* steps.at("received")
  const before = disk.image.log.length
  const hadPending = disk.image.pending
  const saveCursor = Effect.suspend(() => {
    const { event, metadata } = item.events.at(-1)!
    disk.saveCursor(Option.some({ eventSequenceNumber: event.seqNum, metadata }))
    return steps.at("cursor-saved")
  })
  yield* Effect.ensuring(
    seams.takeOver(applyAll(process, item), saveCursor),
    Effect.sync(() => tellWhatIsNew(process, before, hadPending)),
  )
})

/** Sessions know the log before the item with what was pending on it. What the item confirmed is no news to them. */
const tellWhatIsNew = <State>(
  process: ClientProcess<State>,
  before: number,
  hadPending: ReadonlyArray<EventEncoded>,
): void => {
  const { log, pending } = process.disk.image
  const confirmed = hadPending.length - pending.length
  const foreign = log.slice(before + confirmed)
  if (process.steps.isDead() || foreign.length === 0) return
  const keepUpTo = log[before + confirmed - 1]?.seqNum ?? 0
  tellAll(process, { keepUpTo, events: [...foreign, ...pending] })
}
