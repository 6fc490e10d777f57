import { Effect, type Scope } from "effect"
import type { Capabilities } from "../contract/capabilities.ts"
import type { Step } from "../contract/scenario.ts"
import type { CheckStop } from "../harness/arena.ts"
import { armLinkFaults, leaveLink } from "./actor-link.ts"
import { headOf, type Actor, type Stage } from "./stage.ts"
import { stopInWords, type Stop } from "./sync-client/stop.ts"
import type { SyncClient } from "./sync-client/sync-client.ts"

type Doing<A = void> = Effect.Effect<A, CheckStop, Scope.Scope>
type Done<A = void> = Effect.fn.Return<A, CheckStop, Scope.Scope>
type Leader = SyncClient<number>

/** The name of a whole client's nth session. */
export const sessionWord = (nth: number): string => (nth === 1 ? "main" : `session${nth}`)

/** How long leaders may take from the heal until nothing moves: one's pause before its next push doubles, and passes. */
export const leadersMs = ({ times }: Capabilities): number =>
  times.deadlineMs + 7 * times.deliveryMs + 3 * times.detectionMs + times.recoveryMs

/** What is told to a client whose data belongs to another life of the store: it deletes it. */
const isDisowned = (stop: Stop | undefined): boolean =>
  stop !== undefined && (stop.ending === "BackendIdMismatch" || stop.ending === "CursorAhead")

const lastOf = (leader: Leader): number => leader.disk().log.at(-1)?.seqNum ?? 0

const ended = (actor: Actor, how: Effect.Effect<void>): Doing =>
  Effect.suspend(() => (actor.link === undefined ? Effect.void : Effect.andThen(how, leaveLink(actor))))

/** The leader runs and syncs; one whose data is of another life begins anew. */
const running = Effect.fnUntraced(function* (actor: Actor, leader: Leader): Done {
  if (actor.link !== undefined && isDisowned(leader.stop())) {
    yield* ended(actor, leader.close)
    yield* leader.forget
  }
  if (actor.link !== undefined) return
  yield* leader.boot
  yield* armLinkFaults(actor, leader.link())
  yield* leader.sync
})

/** Takes one step of a whole client. */
export const takeLeaderStep = Effect.fnUntraced(function* (
  stage: Stage,
  actor: Actor,
  leader: Leader,
  step: Step,
): Done {
  switch (step.do) {
    case "wait":
      return yield* Effect.sleep(step.ms ?? 1)
    case "crash":
      return yield* ended(actor, leader.crash)
    case "close":
      return yield* ended(actor, leader.close)
    case "fresh":
      yield* ended(actor, leader.close)
      yield* leader.forget
      return yield* running(actor, leader)
    case "reopen":
      yield* ended(actor, leader.close)
      return yield* running(actor, leader)
    case "push":
    case "sync":
      yield* running(actor, leader)
      return leader.commit(step.events ?? 1, {
        session: sessionWord(step.session ?? 1),
        ...(step.sizeBytes === undefined ? {} : { sizeBytes: step.sizeBytes }),
      })
    case "settle": {
      yield* running(actor, leader)
      const rests = () => leader.isIdle() || leader.stop() !== undefined
      return yield* Effect.asVoid(stage.arena.eventually(rests, stage.arena.capabilities.times.deliveryMs))
    }
    default:
      return undefined
  }
})

/** With everything healed the leader gets its last commit into the log; one that is told to begin anew does so first. */
export const leaderSyncs = Effect.fnUntraced(function* (
  stage: Stage,
  actor: Actor,
  untilMs: number,
  nowMs: () => number,
): Done {
  const leader = actor.leader!
  for (;;) {
    yield* running(actor, leader)
    leader.commit(1)
    const rests = () => leader.isIdle() || leader.stop() !== undefined
    yield* stage.arena.eventually(rests, Math.max(1, untilMs - nowMs()))
    if (!isDisowned(leader.stop()) || nowMs() >= untilMs) break
  }
  const stop = leader.stop()
  const what = stop === undefined ? "was still not done" : stopInWords(stop)
  yield* stage.arena.expect(
    stop === undefined && leader.isIdle(),
    "diverged",
    `with everything healed the whole client ${actor.id} ${what}, with ${leader.disk().pending.length} events pending`,
    stop !== undefined && "op" in stop ? [stop.op] : [],
  )
})

/** The furthest that anybody was told of or that a leader of this store has. */
export const finalHead = (stage: Stage, storeId: string): number => {
  let head = headOf(stage, storeId)
  for (const { leader, storeId: own } of stage.actors.values()) {
    if (leader !== undefined && own === storeId && leader.stop() === undefined) head = Math.max(head, lastOf(leader))
  }
  return head
}

/** The leader has all that is in the log; what it holds is then recorded, to be held against the final log. */
export const leaderHasEverything = Effect.fnUntraced(function* (stage: Stage, actor: Actor, nowMs: () => number): Done {
  const leader = actor.leader!
  if (leader.stop() !== undefined) return
  const head = finalHead(stage, actor.storeId)
  const fromMs = nowMs()
  const has = yield* stage.arena.eventually(
    () => leader.isIdle() && lastOf(leader) >= head,
    leadersMs(stage.arena.capabilities),
  )
  yield* stage.arena.expect(
    has,
    "diverged",
    `the whole client ${actor.id} stands at event ${lastOf(leader)} ${nowMs() - fromMs} ms after event ${head} was acknowledged`,
  )
  yield* leader.recordReplica
})

/** Leaders end before the log is read: they would go on pulling meanwhile. */
export const leaderEnds = (actor: Actor): Effect.Effect<void> =>
  actor.leader === undefined || actor.link === undefined ? Effect.void : actor.leader.close
