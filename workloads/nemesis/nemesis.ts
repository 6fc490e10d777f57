import type { Effect, Scope } from "effect"
import type { Capabilities } from "../../contract/capabilities.ts"
import type { DeclaredFault } from "../../contract/fault.ts"
import { offers, type HostPart, type ProviderHostShape } from "../../contract/provider.ts"
import type { PlanFault } from "../../contract/scenario-fault.ts"
import type { CheckStop } from "../../harness/arena.ts"
import type { Actor, Stage } from "../stage.ts"

/** Where a fault acts. */
export type NemesisLayer = "link" | "frame" | "process" | "storage" | "client"

/** A fault that was put on. */
export interface Applied {
  /** Takes it off. Run once. */
  readonly heal: Effect.Effect<void, CheckStop>
  /** Whether the victim shows it: a counter, an incarnation, a clock, never what `apply` gave back. Asked once. */
  readonly prove: Effect.Effect<boolean, CheckStop>
  /** When the victim is asked: while the fault stands, or once it is healed. */
  readonly provedWhen: "standing" | "healed"
}

/** What a nemesis is told when it is to do something. */
export interface Attack<F extends PlanFault = PlanFault> {
  /** Names the fault in its plan. */
  readonly key: string
  readonly fault: F
  /** The client that it is aimed at, or before whose step it stands. */
  readonly actor: Actor
}

/** One kind of fault as a package: it combines with every workload and runs wherever `available` says so. */
export interface Nemesis {
  readonly name: PlanFault["kind"]
  readonly layer: NemesisLayer
  /** A few words for people. */
  readonly does: string
  /** Of its bars and marks, as CSS knows it. */
  readonly colour: string
  /** Parts of the host without which it cannot be. */
  readonly needs: ReadonlyArray<HostPart>
  /** What a provider has to declare beside. */
  readonly declares?: DeclaredFault
  /** Undefined where this provider can suffer it, else the first thing that it lacks for it. */
  readonly available: (host: ProviderHostShape, capabilities: Capabilities) => HostPart | DeclaredFault | undefined
  /** Puts it on. Gives true or false when it is over already: whether the victim shows it. */
  readonly apply: (stage: Stage, attack: Attack) => Effect.Effect<Applied | boolean, CheckStop, Scope.Scope>
}

/** What is particular to one kind of fault; `apply` is only ever given faults of that kind. */
interface OwnParts<F extends PlanFault> extends Omit<Nemesis, "available" | "colour" | "apply"> {
  readonly name: F["kind"]
  readonly apply: (stage: Stage, attack: Attack<F>) => ReturnType<Nemesis["apply"]>
}

/** Colours of the layers: one hue each. */
const colours: Readonly<Record<NemesisLayer, string>> = {
  link: "#3b7dd8",
  frame: "#7a5cd6",
  process: "#d1495b",
  storage: "#c77d1e",
  client: "#2f9e6e",
}

/** Makes a package of what is particular to a fault. */
export const defineNemesis = <F extends PlanFault>(own: OwnParts<F>): Nemesis => ({
  ...own,
  apply: own.apply as Nemesis["apply"],
  colour: colours[own.layer],
  available: (host, { faults }) =>
    own.needs.find((part) => !offers(host, part)) ??
    (own.declares === undefined || faults?.includes(own.declares) === true ? undefined : own.declares),
})
