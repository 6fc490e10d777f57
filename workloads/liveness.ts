import { Effect, Option, type Scope } from "effect"
import type { Capabilities } from "../contract/capabilities.ts"
import type { Step } from "../contract/scenario.ts"
import type { CheckStop, RunningPull } from "../harness/arena.ts"
import { cleared, opened, openLive, resumeLives, synced, takeIn } from "./client-steps.ts"
import { finalHead, leaderEnds, leaderHasEverything, leadersMs, leaderSyncs } from "./leader-steps.ts"
import type { Actor, Stage } from "./stage.ts"

type Done<A = void> = Effect.fn.Return<A, CheckStop, Scope.Scope>

/** A client asks again this long after it was told that it is offline, in milliseconds. */
const retryMs = 250
/** How long traffic is watched once everything has converged, in milliseconds. */
const quietMs = 2_000
/** Frames that a client may send in that time: signs of life, at most four a second. */
const quietFrames = 8

/** How long it may take from the heal until every client is served again and has everything. */
const calmMs = ({ times }: Capabilities): number => Math.max(times.detectionMs, times.recoveryMs) + times.deliveryMs

/**
 * How long a plan may take in real time: its faults hold single operations up to the deadline, and what does not
 * converge is waited for as long as a provider may declare.
 */
export const planLimitMs = (capabilities: Capabilities): number =>
  60_000 + 6 * capabilities.times.deadlineMs + leadersMs(capabilities) + 3 * calmMs(capabilities)

/** The actor's live pull, opened anew as often as it takes until one has caught up; undefined when time ran out. */
const liveAgain = Effect.fnUntraced(function* (
  stage: Stage,
  actor: Actor,
  untilMs: number,
  nowMs: () => number,
): Done<RunningPull | undefined> {
  yield* resumeLives(actor)
  for (;;) {
    takeIn(stage, actor)
    const client = actor.disowned ? yield* cleared(stage, actor) : yield* opened(stage, actor)
    const live = actor.lives[0]?.pull ?? (yield* openLive(stage, actor, client, "cursor"))
    if (yield* live.caughtUp(Math.max(1, untilMs - nowMs()))) {
      if (live.now() === undefined) return live
    }
    takeIn(stage, actor)
    if (nowMs() >= untilMs) return undefined
    yield* Effect.sleep(retryMs)
  }
})

/** The actor's last word: it is pushed like a leader would, until it is in the log. */
const lastPush = Effect.fnUntraced(function* (
  stage: Stage,
  actor: Actor,
  untilMs: number,
  nowMs: () => number,
): Done<boolean> {
  const step: Step = { key: `${actor.id} last`, client: actor.id, do: "sync" }
  const rounds = 4 + 2 * stage.actors.size
  for (;;) {
    if (yield* synced(stage, actor, step, rounds)) return true
    if (nowMs() >= untilMs) return false
    if (actor.disowned) yield* cleared(stage, actor)
    yield* Effect.sleep(retryMs)
  }
})

/** A live pull of the actor comes to the head. One that ends offline meanwhile is opened anew, as a leader does. */
const hasEverything = Effect.fnUntraced(function* (
  stage: Stage,
  actor: Actor,
  untilMs: number,
  nowMs: () => number,
): Done {
  const { arena } = stage
  const head = finalHead(stage, actor.storeId)
  let standsAt = 0
  for (;;) {
    const live = yield* liveAgain(stage, actor, untilMs, nowMs)
    if (live !== undefined) {
      const look = () => {
        standsAt = Option.match(live.cursor(), { onNone: () => 0, onSome: (at) => at.eventSequenceNumber })
        return standsAt >= head || live.now() !== undefined
      }
      yield* arena.eventually(look, Math.max(1, untilMs - nowMs()))
    }
    if (standsAt >= head) return
    if (nowMs() >= untilMs) break
    yield* Effect.sleep(retryMs)
  }
  yield* arena.violation(
    "diverged",
    `with everything healed, client ${actor.id}'s live pull stands at event ${standsAt}, and event ${head} was acknowledged`,
  )
})

const traffic = (stage: Stage): ReadonlyMap<string, { readonly connections: number; readonly frames: number }> =>
  new Map(
    [...stage.actors.values()].map(({ id, link }) => {
      const counters = link?.counters()
      return [id, { connections: counters?.connections ?? 0, frames: counters?.framesUp ?? 0 }]
    }),
  )

/** What a client did while traffic was watched, and how many live pulls it had open. */
interface Heard {
  readonly id: string
  readonly sent: number
  readonly dialled: number
  readonly lives: number
}

/** Watches traffic for a while. */
const listen = Effect.fnUntraced(function* (stage: Stage): Done<ReadonlyArray<Heard>> {
  const before = traffic(stage)
  yield* Effect.sleep(quietMs)
  return [...traffic(stage)].map(([id, { connections, frames }]) => ({
    id,
    sent: frames - before.get(id)!.frames,
    dialled: connections - before.get(id)!.connections,
    lives: stage.actors.get(id)?.lives.length ?? 0,
  }))
})

/** How often a client is listened to at most before its connections count. */
const listens = 3

/**
 * Once nothing is pending, nobody sends more than signs of life or connects again and again. The last event is
 * delivered when one live pull has it: each may still be about to ask for it or for what comes next. Where a request
 * is a connection of its own, that dials once, and so does a sign of life: who dialled once is listened to again.
 */
const goesQuiet = Effect.fnUntraced(function* (stage: Stage): Done {
  let heard = yield* listen(stage)
  const asksOnce = ({ dialled, lives }: Heard) => dialled <= Math.max(1, lives)
  for (let n = 1; n < listens && heard.some(({ dialled }) => dialled > 0) && heard.every(asksOnce); n++) {
    heard = yield* listen(stage)
  }
  for (const { id, sent, dialled, lives } of heard) {
    yield* stage.arena.expect(
      sent <= quietFrames + lives && dialled === 0,
      "restless",
      `with everything healed and delivered, client ${id} sent ${sent} frames and opened ${dialled} connections in ${quietMs} ms; therefore it does not come to rest`,
    )
  }
})

/** The actor's live pull has caught up, and its last word is in the log; or time ran out. */
const served = Effect.fnUntraced(function* (
  stage: Stage,
  actor: Actor,
  untilMs: number,
  nowMs: () => number,
): Done<{ readonly actor: Actor; readonly live: RunningPull | undefined; readonly pushed: boolean }> {
  for (const operation of actor.detached) yield* operation.settled
  let pushed = false
  for (;;) {
    const live = yield* liveAgain(stage, actor, untilMs, nowMs)
    pushed ||= live !== undefined && (yield* lastPush(stage, actor, untilMs, nowMs))
    // A client that had to begin anew on the way is not there yet.
    const stands = live?.now() === undefined && actor.lives.some(({ pull }) => pull === live)
    if (stands || nowMs() >= untilMs) return { actor, live, pushed }
    yield* Effect.sleep(retryMs)
  }
})

/**
 * Everything is healed: every client is served again within the declared times, everybody's last word is acknowledged
 * and reaches everybody, and then nothing moves any more.
 */
export const liveness = Effect.fnUntraced(function* (stage: Stage, nowMs: () => number): Done {
  const { arena, actors } = stage
  const allMs = calmMs(arena.capabilities)
  const untilMs = nowMs() + allMs
  const leaderMs = nowMs() + leadersMs(arena.capabilities)
  const all = [...actors.values()]
  const direct = all.filter(({ leader }) => leader === undefined)
  const leaders = all.filter(({ leader }) => leader !== undefined)
  const [ends] = yield* Effect.all(
    [
      Effect.forEach(direct, (actor) => stage.as(actor, served(stage, actor, untilMs, nowMs)), {
        concurrency: "unbounded",
      }),
      Effect.forEach(leaders, (actor) => stage.as(actor, leaderSyncs(stage, actor, leaderMs, nowMs)), {
        concurrency: "unbounded",
        discard: true,
      }),
    ],
    { concurrency: "unbounded" },
  )
  for (const { actor, live, pushed } of ends) {
    const what = live === undefined ? "no live pull of it had caught up" : "its push was not acknowledged"
    yield* arena.expect(
      pushed,
      "diverged",
      `${allMs} ms after everything was healed client ${actor.id} was not served: ${what}`,
    )
  }
  const whole = ends.filter(({ pushed }) => pushed).map(({ actor }) => actor)
  const lateMs = Math.max(untilMs, nowMs() + arena.capabilities.times.deliveryMs)
  yield* Effect.forEach(whole, (actor) => stage.as(actor, hasEverything(stage, actor, lateMs, nowMs)), {
    concurrency: "unbounded",
    discard: true,
  })
  for (const actor of leaders) yield* stage.as(actor, leaderHasEverything(stage, actor, nowMs))
  yield* goesQuiet(stage)
  for (const actor of leaders) yield* leaderEnds(actor)
})
