import { Effect } from "effect"
import type { PlannedHostFault } from "../../contract/scenario-fault.ts"
import type { CheckStop } from "../../harness/arena.ts"
import type { Stage } from "../stage.ts"
import { defineNemesis, type Nemesis } from "./nemesis.ts"

type Fault<K extends PlannedHostFault["kind"]> = Extract<PlannedHostFault, { readonly kind: K }>

/** Does something that replaces the backend's incarnation; it has bitten when another one serves afterwards. */
const replaced = Effect.fnUntraced(function* (
  { arena: { backend } }: Stage,
  effect: Effect.Effect<void, CheckStop>,
): Effect.fn.Return<boolean, CheckStop> {
  const before = yield* backend.instance()
  yield* effect
  return (yield* backend.instance()) !== before
})

/** Frames that clients have sent so far. */
const framesUp = (stage: Stage): number => {
  let frames = 0
  for (const { link } of stage.actors.values()) frames += link?.counters().framesUp ?? 0
  return frames
}

const kill = defineNemesis<Fault<"kill">>({
  name: "kill",
  layer: "process",
  does: "the backend ends at once and stays down",
  needs: ["process.kill"],
  apply: Effect.fnUntraced(function* (stage) {
    const { backend } = stage.arena
    const before = yield* backend.instance()
    stage.process = "down"
    yield* backend.kill
    return {
      heal: Effect.andThen(
        backend.start,
        Effect.sync(() => void (stage.process = "up")),
      ),
      prove: Effect.map(backend.instance(), (after) => after !== before),
      provedWhen: "healed" as const,
    }
  }),
})

const pause = defineNemesis<Fault<"pause">>({
  name: "pause",
  layer: "process",
  does: "the backend freezes and goes on",
  needs: ["process.pause"],
  apply: Effect.fnUntraced(function* (stage) {
    const before = framesUp(stage)
    stage.process = "paused"
    yield* stage.arena.backend.pause
    return {
      heal: Effect.andThen(
        stage.arena.backend.resume,
        Effect.sync(() => void (stage.process = "up")),
      ),
      // Somebody asked it something meanwhile.
      prove: Effect.sync(() => framesUp(stage) > before),
      provedWhen: "standing" as const,
    }
  }),
})

const restart = defineNemesis<Fault<"restart">>({
  name: "restart",
  layer: "process",
  does: "an orderly restart",
  needs: ["process.restart"],
  apply: (stage) => replaced(stage, stage.arena.backend.restart),
})

const evict = defineNemesis<Fault<"evict">>({
  name: "evict",
  layer: "process",
  does: "one store's object leaves memory; its sockets hibernate or close",
  needs: ["process.evict"],
  // A real platform may not let go of an object that is in use: then the fault was asked for and did not bite.
  apply: (stage, { fault: { sockets } }) => {
    const { backend, world } = stage.arena
    return replaced(stage, world === "virtual" ? backend.evict(sockets) : Effect.asVoid(backend.tryEvict(sockets)))
  },
})

const deploy = defineNemesis<Fault<"deploy">>({
  name: "deploy",
  layer: "process",
  does: "a new version under connected clients",
  needs: ["process.deploy"],
  apply: (stage) => replaced(stage, stage.arena.backend.deploy),
})

/** Faults of the backend's process. */
export const processNemeses: ReadonlyArray<Nemesis> = [kill, restart, pause, evict, deploy]
