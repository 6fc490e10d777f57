import { Effect, Option } from "effect"
import type { PlannedClientFault } from "../../contract/scenario-fault.ts"
import type { StepKind } from "../../contract/scenario.ts"
import type { RunningPull } from "../../harness/arena.ts"
import { resumeLives } from "../client-steps.ts"
import { headOf, positionOf, type Actor, type Stage } from "../stage.ts"
import { takeStep } from "../take-step.ts"
import { defineNemesis, type Nemesis } from "./nemesis.ts"

type Fault<K extends PlannedClientFault["kind"]> = Extract<PlannedClientFault, { readonly kind: K }>

const standsAt = ({ cursor }: RunningPull): number =>
  Option.match(cursor(), { onNone: () => 0, onSome: ({ eventSequenceNumber }) => eventSequenceNumber })

/** What a client can do to itself is a step of it: the fault has it taken in the middle of other work. */
const step = (stage: Stage, actor: Actor, key: string, what: StepKind) =>
  takeStep(stage, actor, { key, client: actor.id, do: what })

/** The arena looks at the clock itself: a jump that it does not show ends the run as not testable. */
const clockJump = defineNemesis<Fault<"clock-jump">>({
  name: "clock-jump",
  layer: "client",
  does: "a client's wall clock is set forward or back",
  needs: ["clients.jumpClock"],
  declares: "client.clock-jump",
  apply: (_stage, { fault, actor: { client } }) =>
    client === undefined ? Effect.succeed(false) : Effect.as(client.jumpClock(fault.ms), true),
})

const crash = defineNemesis<Fault<"crash">>({
  name: "crash",
  layer: "client",
  does: "the link is cut, then the client is dropped; its memory stays",
  needs: [],
  apply: Effect.fnUntraced(function* (stage, { key, actor }) {
    const { link } = actor
    const had = link !== undefined
    yield* step(stage, actor, key, "crash")
    return had && actor.link !== link
  }),
})

const lost = defineNemesis<Fault<"lost">>({
  name: "lost",
  layer: "client",
  does: "a client begins again without its memory and without a cursor",
  needs: [],
  apply: Effect.fnUntraced(function* (stage, { key, actor }) {
    const had = actor.leader === undefined ? positionOf(actor) > 0 : actor.leader.disk().log.length > 0
    yield* step(stage, actor, key, "fresh")
    return had
  }),
})

const oldCursor = defineNemesis<Fault<"old-cursor">>({
  name: "old-cursor",
  layer: "client",
  does: "a client crashes and begins again where it stood some pages earlier",
  needs: [],
  apply: Effect.fnUntraced(function* (stage, { key, actor }) {
    // A whole client keeps cursor and data in one place, so it never has one without the other.
    if (actor.leader !== undefined) return false
    yield* step(stage, actor, key, "crash")
    const before = positionOf(actor)
    actor.cursor = actor.past[0] ?? Option.none()
    actor.past = []
    return positionOf(actor) < before
  }),
})

const interrupt = defineNemesis<Fault<"interrupt">>({
  name: "interrupt",
  layer: "client",
  does: "an operation is asked to stop",
  needs: [],
  apply: Effect.fnUntraced(function* (stage, { key, actor }) {
    const running = actor.detached.filter((operation) => operation.now() === undefined)
    yield* step(stage, actor, key, "interrupt")
    return running.some((operation) => operation.now()?._tag === "interrupted")
  }),
})

const slowReader = defineNemesis<Fault<"slow-reader">>({
  name: "slow-reader",
  layer: "client",
  does: "a live pull stops reading and goes on",
  needs: [],
  apply: Effect.fnUntraced(function* (stage, { key, actor }) {
    yield* step(stage, actor, key, "pause-live")
    const still = actor.lives.filter(({ paused }) => paused)
    return {
      heal: resumeLives(actor),
      // Others were told of events meanwhile that it has not read.
      prove: Effect.sync(() => still.some(({ pull }) => standsAt(pull) < headOf(stage, actor.storeId))),
      provedWhen: "standing" as const,
    }
  }),
})

/** Faults of clients. */
export const clientNemeses: ReadonlyArray<Nemesis> = [clockJump, crash, lost, oldCursor, interrupt, slowReader]
