import type { StepsPlan } from "../contract/scenario.ts"

/** What a simulation runs on: a registered provider of the virtual world, or the mock with a planted bug. */
export type SimTarget =
  | { readonly kind: "provider"; readonly key: string }
  | { readonly kind: "mutant"; readonly id: string }

/** What a thread begins with. */
export interface SimWorkerOptions {
  readonly target: SimTarget
  /** Steps of a plan, all clients together; absent: as many as plans have by default. */
  readonly steps?: number
}

/** What a thread is to do: run seeds, or make the failure of one small. */
export type SimOrder =
  | { readonly kind: "run"; readonly seeds: ReadonlyArray<number> }
  | { readonly kind: "shrink"; readonly seed: number }

/** A seed that did not pass. `name` is the anomaly, or how it ended where there is none. */
export interface SimFailure {
  readonly seed: number
  readonly name: string
  readonly sentence: string
}

/** What some seeds came to. */
export interface SimReached {
  readonly seeds: number
  /** Kinds of faults that were put on, and that bit, with the number of seeds. */
  readonly applied: Readonly<Record<string, number>>
  readonly bit: Readonly<Record<string, number>>
  readonly states: Readonly<Record<string, number>>
}

/** What a thread says. */
export type SimAnswer =
  | { readonly kind: "ready"; readonly offered: ReadonlyArray<string> }
  | { readonly kind: "failure"; readonly failure: SimFailure }
  | { readonly kind: "done"; readonly reached: SimReached }
  /** Without a plan where the seed did not fail again. */
  | { readonly kind: "shrunk"; readonly seed: number; readonly plan?: StepsPlan }
  /** The target cannot be simulated: one line that says why. */
  | { readonly kind: "unfit"; readonly message: string }
