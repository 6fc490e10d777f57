import { Context } from "effect"

/**
 * Who goes when. By default the seed draws the next task among all that are ready. In a plan's run the order is data
 * instead: first come, first served, but for the preemptions that the plan names. Taking a step out of the plan then
 * leaves the order of all others as it was.
 */
export interface InterleavingShape {
  order: "drawn" | "first-come"
  /** Where first come, first served holds: how many seams a fiber passes while others are ready. */
  grain: number
  /** How many turns a fiber of this client lets go first at this seam; absent where no preemption is planned. */
  turnsAt?: (actor: string, seam: string) => number
}

export const drawnInterleaving = (): InterleavingShape => ({ order: "drawn", grain: 0 })

/** The interleaving of the world that this effect runs in; it is changed in place. */
export const Interleaving = Context.Reference<InterleavingShape>("sync-gauntlet/chaos/Interleaving", {
  defaultValue: drawnInterleaving,
})

/** The client for whom this fiber works; empty where it works for none. */
export const Actor = Context.Reference<string>("sync-gauntlet/chaos/Actor", { defaultValue: () => "" })
