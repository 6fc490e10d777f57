import type { Outcome } from "../../contract/run.ts"
import type { StepsPlan } from "../../contract/scenario.ts"
import type { Held } from "../../workloads/held.ts"
import type { FaultKind } from "../../workloads/nemesis/index.ts"
import type { WorkloadName } from "./workload.ts"

/** What a campaign in a child is told. */
export interface CampaignArgs {
  readonly seed: number
  /** No round begins after so many milliseconds. */
  readonly durationMs: number
  /** Names of faults that may be drawn; absent: all that the provider can suffer. */
  readonly faults?: ReadonlyArray<FaultKind>
  /** Of every `of` rounds this campaign takes the `index`th, counted from 0. */
  readonly shard: { readonly index: number; readonly of: number }
  /** In the virtual world processes share the rounds of a shard: of every `of` this one takes the `index`th. */
  readonly lane?: { readonly index: number; readonly of: number }
  /** The number of the first round: after a crash the campaign goes on with the next ones. */
  readonly firstRound: number
  /** Faults that have bitten already. */
  readonly bitten: ReadonlyArray<FaultKind>
  /** Where scenarios and records of anomalies are written. */
  readonly outDir: string
}

/** A finding of a round. */
export interface RoundFinding {
  readonly name: string
  readonly sentence: string
}

/** How one round ended. */
export interface RoundEnd {
  readonly round: number
  readonly seed: number
  readonly workload: WorkloadName
  readonly outcome: Outcome
  readonly reason?: string
  /** What the record shows, gravest first; the first decided. */
  readonly findings: ReadonlyArray<RoundFinding>
  readonly applied: ReadonlyArray<FaultKind>
  readonly bit: ReadonlyArray<FaultKind>
  readonly operations: number
  readonly ms: number
  /** The files that were kept of it. */
  readonly scenario?: string
  readonly history?: string
  /** Why nothing, or not all, was kept. */
  readonly notKept?: string
  /** Memory of this process at the end of the round, in bytes. */
  readonly memoryBytes: number
  /** What the backend still held once the round's clients were closed; absent where nobody could look. */
  readonly held?: Held
}

/** What a campaign says while it runs. */
export type CampaignNews =
  | { readonly kind: "begins"; readonly version: string; readonly offered: ReadonlyArray<FaultKind> }
  | {
      readonly kind: "round"
      readonly round: number
      /** The `firstRound` of a process that takes the place of this one. */
      readonly next: number
      readonly workload: WorkloadName
      readonly plan: StepsPlan
    }
  | {
      readonly kind: "state"
      /** Of the rounds that run, so far. */
      readonly operations: number
      readonly faults: ReadonlyArray<string>
      readonly outstanding: ReadonlyArray<string>
    }
  | { readonly kind: "round-end"; readonly end: RoundEnd }
  /** All rounds are over and every backend was stopped. `processes`: those that are still there, by their commands. */
  | { readonly kind: "ends"; readonly processes: ReadonlyArray<string> }
