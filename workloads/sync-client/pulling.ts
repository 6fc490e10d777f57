import { Clock, Effect } from "effect"
import { turn } from "../../chaos/world/seam.ts"
import type { PullItem } from "../../contract/event.ts"
import type { RunningPull, Settled } from "../../harness/arena.ts"
import { connected, eraseAll, type ClientProcess } from "./process.ts"
import { takeOver } from "./take-over.ts"

/** How long one look for the next item lasts, in milliseconds; then it looks again. */
const lookMs = 60_000

/** The same for a live pull that was late once, in milliseconds: it counts as stuck, and its items come all the same. */
const lateLookMs = 50

/** More live pulls than any client needs: one that is failed at once and for ever would go on without end. */
const mostPulls = 20_000

/** The same within one instant, where no time passes between the end of one and the next: in the virtual world. */
const mostPullsAtOnce = 1_000

/** How a live pull really ended; undefined while a stuck one has not. */
const endOf = (live: RunningPull): Effect.Effect<Settled | undefined> =>
  Effect.suspend(() => {
    const now = live.now()
    return now?._tag === "stuck" ? live.ends(lateLookMs) : Effect.succeed(now)
  })

/** The pusher, and how it is stopped and begun again. */
export interface Pusher {
  readonly interrupt: Effect.Effect<void>
  /** Begins with everything that is pending. */
  readonly begin: Effect.Effect<void>
}

/** The pull's hold on the permit: from its first item with events to the one that says `NoMore`. */
const makeHold = ({ permit }: Pick<ClientProcess<unknown>, "permit">) => {
  let held = false
  return {
    take: Effect.suspend(() => {
      if (held) return Effect.void
      return Effect.tap(permit.take(1), () => Effect.sync(() => void (held = true)))
    }),
    giveBack: Effect.suspend(() => {
      if (!held) return Effect.void
      held = false
      return permit.release(1)
    }),
  }
}

/** What one item does. An empty one only says whether more follows. */
const receive = Effect.fnUntraced(function* <State>(
  process: ClientProcess<State>,
  pusher: Pusher,
  hold: ReturnType<typeof makeHold>,
  item: PullItem,
): Effect.fn.Return<void> {
  yield* connected(process)
  if (item.events.length > 0) {
    yield* hold.take
    yield* pusher.interrupt
    const failed = yield* Effect.flip(Effect.asVoid(takeOver(process, item))).pipe(
      Effect.catch(() => Effect.succeed(undefined)),
    )
    if (failed !== undefined) {
      process.stop ??= { by: "application", ending: failed._tag, seqNum: failed.seqNum }
      return
    }
    yield* pusher.begin
  }
  if (item.pageInfo._tag === "NoMore") yield* hold.giveBack
})

/** Takes the items of one live pull, one after the other, until it ends or syncing stops; gives its end. */
const drink = Effect.fnUntraced(function* <State>(
  process: ClientProcess<State>,
  pusher: Pusher,
  hold: ReturnType<typeof makeHold>,
  live: RunningPull,
): Effect.fn.Return<Settled | undefined> {
  for (let taken = 0; process.stop === undefined;) {
    yield* process.arena.eventually(() => live.items().length > taken || live.now() !== undefined, lookMs)
    const item = live.items()[taken]
    if (item !== undefined) {
      taken += 1
      yield* receive(process, pusher, hold, item)
      continue
    }
    const end = yield* endOf(live)
    if (end !== undefined && live.items().length === taken) return end
  }
  return undefined
})

/**
 * Pulls live from the cursor, and again at once after `IsOffline`; any other end of a pull is the end of syncing. A
 * mismatch deletes what the client has.
 */
export const pulling = Effect.fnUntraced(function* <State>(
  process: ClientProcess<State>,
  pusher: Pusher,
): Effect.fn.Return<void> {
  const hold = makeHold(process)
  let lastMs = 0
  let atOnce = 0
  while (process.stop === undefined) {
    process.counters.pulls += 1
    const nowMs = yield* Clock.currentTimeMillis
    atOnce = nowMs === lastMs ? atOnce + 1 : 1
    lastMs = nowMs
    const [live, end] = yield* Effect.acquireUseRelease(
      Effect.tap(process.client.live(process.disk.image.cursor), (opened) =>
        Effect.sync(() => void (process.live = opened)),
      ),
      (running) => Effect.map(drink(process, pusher, hold, running), (settled) => [running, settled] as const),
      (running) => Effect.andThen(hold.giveBack, running.now() === undefined ? running.interrupt() : Effect.void),
    )
    if (end === undefined) break
    const ending = "error" in end ? end.error._tag : end._tag
    const mayRetry = process.counters.pulls < mostPulls && atOnce < mostPullsAtOnce
    if (mayRetry && process.seams.retriesPull(ending)) {
      yield* turn
      continue
    }
    process.stop ??= { by: "pull", ending, op: live.op }
    if (ending === "BackendIdMismatch") eraseAll(process)
  }
  yield* pusher.interrupt
})
