import { Effect } from "effect"
import type { DeclaredFault, StorageFault } from "../../contract/fault.ts"
import type { PlannedHostFault } from "../../contract/scenario-fault.ts"
import type { CheckStop } from "../../harness/arena.ts"
import { beginLife, headOf, lifeOf, type Stage } from "../stage.ts"
import { defineNemesis, type Nemesis } from "./nemesis.ts"

type Fault<K extends PlannedHostFault["kind"]> = Extract<PlannedHostFault, { readonly kind: K }>

/** The data begins another life at this head; it has bitten when more was there before. */
const newLife = Effect.fnUntraced(function* (
  stage: Stage,
  effect: Effect.Effect<void, CheckStop>,
  head: number,
): Effect.fn.Return<boolean, CheckStop> {
  const { storeId } = stage.arena
  const had = headOf(stage, storeId)
  yield* effect
  beginLife(stage, storeId, head)
  return had > head
})

const wipe = defineNemesis<Fault<"wipe">>({
  name: "wipe",
  layer: "storage",
  does: "a new life of the data",
  needs: ["storage.wipe"],
  apply: (stage) => newLife(stage, stage.arena.backend.wipe(), 0),
})

const wipeBeneath = defineNemesis<Fault<"wipeBeneath">>({
  name: "wipeBeneath",
  layer: "storage",
  does: "the data goes beneath a running backend",
  needs: ["storage.wipeBeneath"],
  apply: (stage) => newLife(stage, stage.arena.backend.wipeBeneath(), 0),
})

const snapshot = defineNemesis<Fault<"snapshot">>({
  name: "snapshot",
  layer: "storage",
  does: "an older snapshot is restored",
  needs: ["storage.snapshot"],
  apply: Effect.fnUntraced(function* (stage) {
    const { backend, storeId } = stage.arena
    const head = headOf(stage, storeId)
    const life = lifeOf(stage, storeId)
    const restore = yield* backend.snapshot()
    let bit = false
    return {
      // After a wipe or another restore the snapshot is of a life that no record ties to this one.
      heal: Effect.suspend(() =>
        lifeOf(stage, storeId) === life
          ? Effect.map(newLife(stage, restore, head), (lost) => void (bit = lost))
          : Effect.void,
      ),
      prove: Effect.sync(() => bit),
      provedWhen: "healed" as const,
    }
  }),
})

/** Whether the storage counts more failures than before. */
const failedSince = (stage: Stage, before: number) =>
  Effect.map(stage.arena.backend.storageBit(), (after) => after > before)

const outage = defineNemesis<Fault<"outage">>({
  name: "outage",
  layer: "storage",
  does: "every statement fails for a while",
  needs: ["storage.outage"],
  apply: Effect.fnUntraced(function* (stage) {
    const before = yield* stage.arena.backend.storageBit()
    const heal = yield* stage.arena.backend.outage()
    return { heal, prove: failedSince(stage, before), provedWhen: "healed" as const }
  }),
})

const failWrite = defineNemesis<Fault<"failWrite">>({
  name: "failWrite",
  layer: "storage",
  does: "the nth writing statement fails",
  needs: ["storage.failWrite"],
  apply: Effect.fnUntraced(function* (stage, { fault }) {
    const before = yield* stage.arena.backend.storageBit()
    yield* stage.arena.backend.failWrite(fault.nth)
    return { heal: Effect.void, prove: failedSince(stage, before), provedWhen: "healed" as const }
  }),
})

/** Faults that a provider declares; the storage that they are put on counts for itself what they changed. */
const standing = (name: StorageFault["kind"], does: string): Nemesis =>
  defineNemesis<Extract<PlannedHostFault, StorageFault>>({
    name,
    layer: "storage",
    does,
    needs: ["storage.fault"],
    declares: `storage.${name}` satisfies DeclaredFault,
    apply: (stage, { fault }) =>
      Effect.map(stage.arena.backend.fault(fault), ({ bit, heal }) => ({
        heal,
        prove: Effect.map(bit, (times) => times > 0),
        provedWhen: "standing" as const,
      })),
  })

/** Faults of one store's storage. */
export const storageNemeses: ReadonlyArray<Nemesis> = [
  wipe,
  wipeBeneath,
  snapshot,
  outage,
  failWrite,
  standing("slow", "statements take longer"),
  standing("full", "nothing can be added; what is there can be read"),
  standing("unsynced", "what was written and not synced is gone when the backend ends"),
  standing("stale-replica", "reads are served by a copy that stands still"),
  standing("two-instances", "a second instance of the backend begins while the first goes on"),
]
