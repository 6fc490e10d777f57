import { Effect, Option, type Scope } from "effect"
import type { Cursor, EventEncoded } from "../contract/event.ts"
import type { PullStart, PushParent, Step } from "../contract/scenario.ts"
import type { ArenaClient, CheckStop, RunningPull, Settled } from "../harness/arena.ts"
import { armLinkFaults, leaveLink } from "./actor-link.ts"
import { advance, headOf, lifeOf, positionOf, sawHead, type Actor, type Stage } from "./stage.ts"

type Doing<A = void> = Effect.Effect<A, CheckStop, Scope.Scope>
type Done<A = void> = Effect.fn.Return<A, CheckStop, Scope.Scope>

/** Rounds of pull and push after which `sync` gives up for now. */
const syncRounds = 4

/** Opens the actor's client unless it is open. Faults that stand on its link stand on the new one too. */
export const opened = Effect.fnUntraced(function* (
  stage: Stage,
  actor: Actor,
  memory: "kept" | "fresh" = "kept",
): Done<ArenaClient> {
  if (actor.client !== undefined) return actor.client
  const client = yield* stage.arena.open(actor.id, { storeId: actor.storeId, memory })
  actor.client = client
  yield* armLinkFaults(actor, client.link)
  return client
})

/** What ended with the client's process. */
const left = (actor: Actor): void => {
  absorb(actor)
  actor.client = undefined
  actor.lives = []
  actor.detached = []
}

/** Closes the actor's client, if it is open. */
export const closed = Effect.fnUntraced(function* (stage: Stage, actor: Actor): Done {
  const { client } = actor
  if (client === undefined) return
  takeIn(stage, actor)
  left(actor)
  const inTime = yield* client.close
  yield* leaveLink(actor)
  yield* stage.arena.expect(inTime, "stuck", `client ${actor.id} did not close within the deadline`)
})

/** Begins anew with an empty memory and no cursor. */
export const cleared = Effect.fnUntraced(function* (stage: Stage, actor: Actor): Done<ArenaClient> {
  yield* closed(stage, actor)
  actor.cursor = Option.none()
  actor.past = []
  actor.disowned = false
  return yield* opened(stage, actor, "fresh")
})

/** Operations that have ended are remembered no longer. */
const absorb = (actor: Actor): void => {
  actor.detached = actor.detached.filter((operation) => operation.now() === undefined)
  actor.lives = actor.lives.filter(({ pull }) => pull.now() === undefined)
}

/** Takes in what the actor's live pulls have delivered, and how they ended. */
export const takeIn = (stage: Stage, actor: Actor): void => {
  for (const { pull, life } of actor.lives) {
    if (pull.events().length > 0) advance(stage, actor, life, pull.cursor())
    const settled = pull.now()
    if (settled !== undefined) heard(stage, actor, life, settled)
  }
  absorb(actor)
}

/** What an end tells the actor beside its success. */
const heard = (stage: Stage, actor: Actor, life: number, settled: Settled): void => {
  if (!("error" in settled)) return
  const { error } = settled
  if (error._tag === "ServerAhead") sawHead(stage, actor.storeId, life, error.head)
  if (error._tag === "BackendIdMismatch" || error._tag === "CursorAhead") actor.disowned = true
}

const parentOf = (stage: Stage, actor: Actor, step: Step, on: PushParent): number => {
  const head = headOf(stage, actor.storeId)
  const { arena } = stage
  switch (on) {
    case "known":
      return positionOf(actor)
    case "head":
      return head
    case "stale":
      return Math.max(0, head - 1 - arena.draw(`${step.key} behind`, 3))
    case "future":
      return head + 1 + arena.draw(`${step.key} past`, 5)
  }
}

const startOf = (actor: Actor, from: PullStart): Option.Option<Cursor> => {
  switch (from) {
    case "start":
      return Option.none()
    case "cursor":
      return actor.cursor
    case "position":
      return Option.map(actor.cursor, ({ eventSequenceNumber }) => ({ eventSequenceNumber, metadata: Option.none() }))
  }
}

/** A push that was acknowledged. What stood on the actor's own position is its new position. */
const acknowledged = (stage: Stage, actor: Actor, life: number, batch: ReadonlyArray<EventEncoded>): void => {
  const last = batch.at(-1)!.seqNum
  sawHead(stage, actor.storeId, life, last)
  if (batch[0]!.parentSeqNum === positionOf(actor)) {
    advance(stage, actor, life, Option.some({ eventSequenceNumber: last, metadata: Option.none() }))
  }
}

const pushOn = Effect.fnUntraced(function* (
  stage: Stage,
  actor: Actor,
  client: ArenaClient,
  parent: number,
  step: Step,
): Done<Settled> {
  const options = step.sizeBytes === undefined ? {} : { sizeBytes: step.sizeBytes }
  const life = lifeOf(stage, actor.storeId)
  const batch = stage.arena.chain(client, parent, step.events ?? 1, options)
  const push = yield* client.startPush(batch)
  if (step.detached === true) {
    actor.detached.push(push)
    return { _tag: "interrupted", op: push.op }
  }
  const settled = yield* push.settled
  if (settled._tag === "ok") acknowledged(stage, actor, life, batch)
  else heard(stage, actor, life, settled)
  return settled
})

const pulled = Effect.fnUntraced(function* (
  stage: Stage,
  actor: Actor,
  client: ArenaClient,
  from: PullStart,
): Done<Settled> {
  const life = lifeOf(stage, actor.storeId)
  const pull = yield* client.pull(startOf(actor, from))
  if (pull.events.length > 0) advance(stage, actor, life, pull.cursor)
  heard(stage, actor, life, pull.settled)
  return pull.settled
})

/** Pulls, and pushes on what was pulled, again after each `ServerAhead`. True when the batch was acknowledged. */
export const synced = Effect.fnUntraced(function* (
  stage: Stage,
  actor: Actor,
  step: Step,
  rounds: number = syncRounds,
): Done<boolean> {
  const client = yield* opened(stage, actor)
  for (let round = 0; round < rounds; round++) {
    if ((yield* pulled(stage, actor, client, "cursor"))._tag !== "ok") return false
    const settled = yield* pushOn(stage, actor, client, positionOf(actor), { ...step, detached: false })
    if (settled._tag === "ok") return true
    if (settled._tag !== "refused" || settled.error._tag !== "ServerAhead") return false
  }
  return false
})

/** Stops the latest detached operation that has not ended. A push has to stop within 100 ms, even on a dead link. */
const interrupted = Effect.fnUntraced(function* (stage: Stage, actor: Actor): Done {
  absorb(actor)
  const operation = actor.detached.pop()
  if (operation === undefined) return
  const tookMs = yield* operation.interrupt()
  yield* stage.arena.expect(
    tookMs !== undefined,
    "stuck",
    `client ${actor.id} interrupted an operation, and it had not stopped 100 ms later`,
    [operation.op],
  )
})

const pullStep = Effect.fnUntraced(function* (stage: Stage, actor: Actor, client: ArenaClient, step: Step): Done {
  if (step.detached !== true) return yield* Effect.asVoid(pulled(stage, actor, client, step.from ?? "cursor"))
  actor.detached.push(yield* client.startPull(startOf(actor, step.from ?? "cursor")))
})

const settleAll = Effect.fnUntraced(function* (actor: Actor): Done {
  for (const operation of actor.detached) yield* operation.settled
  absorb(actor)
})

const pauseLive = (actor: Actor): Doing =>
  Effect.suspend(() => {
    const live = actor.lives.find(({ paused }) => !paused)
    if (live === undefined) return Effect.void
    live.paused = true
    return live.pull.pause
  })

/** Every reader that stands still reads again. */
export const resumeLives = (actor: Actor): Effect.Effect<void> =>
  Effect.suspend(() => {
    const still = actor.lives.filter(({ paused }) => paused)
    for (const live of still) live.paused = false
    return Effect.forEach(still, ({ pull }) => pull.resume, { discard: true })
  })

/** Opens a live pull where the actor stands. */
export const openLive = Effect.fnUntraced(function* (
  stage: Stage,
  actor: Actor,
  client: ArenaClient,
  from: PullStart,
): Done<RunningPull> {
  const life = lifeOf(stage, actor.storeId)
  const pull = yield* client.live(startOf(actor, from))
  actor.lives.push({ pull, life, paused: false })
  return pull
})

/** Takes one step of an actor's single operations. It never waits beyond the deadline of what it does. */
export const takeClientStep = Effect.fnUntraced(function* (stage: Stage, actor: Actor, step: Step): Done {
  takeIn(stage, actor)
  switch (step.do) {
    case "wait":
      return yield* Effect.sleep(step.ms ?? 1)
    case "crash": {
      const { client } = actor
      if (client === undefined) return
      left(actor)
      yield* client.crash
      return yield* leaveLink(actor)
    }
    case "close":
      return yield* closed(stage, actor)
    case "fresh":
      return yield* Effect.asVoid(cleared(stage, actor))
    case "settle":
      return yield* settleAll(actor)
    case "interrupt":
      return yield* interrupted(stage, actor)
    case "pause-live":
      return yield* pauseLive(actor)
    case "resume-live":
      return yield* resumeLives(actor)
    case "stop-live": {
      const live = actor.lives.shift()
      if (live === undefined) return
      return yield* Effect.asVoid(live.pull.interrupt())
    }
    case "reopen":
      yield* closed(stage, actor)
      return yield* Effect.asVoid(opened(stage, actor))
  }
  const client = actor.disowned ? yield* cleared(stage, actor) : yield* opened(stage, actor)
  switch (step.do) {
    case "connect": {
      heard(stage, actor, lifeOf(stage, actor.storeId), yield* client.connect)
      return
    }
    case "ping":
      return yield* Effect.asVoid(client.ping)
    case "push":
      return yield* Effect.asVoid(pushOn(stage, actor, client, parentOf(stage, actor, step, step.on ?? "known"), step))
    case "pull":
      return yield* pullStep(stage, actor, client, step)
    case "live":
      return yield* Effect.asVoid(openLive(stage, actor, client, step.from ?? "cursor"))
    case "sync":
      return yield* Effect.asVoid(synced(stage, actor, step))
  }
})
