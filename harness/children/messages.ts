import type { CheckResult, ProviderRun } from "../../contract/run.ts"
import type { StepsPlan } from "../../contract/scenario.ts"
import type { ProcessEntry } from "../processes.ts"

/** Where a provider comes from: the registry, or a file of its author. */
export type ProviderSource =
  /** `bundles`: the folder of a working copy's code, which runs in place of what is published. */
  | { readonly kind: "registered"; readonly key: string; readonly bundles?: string }
  | { readonly kind: "file"; readonly path: string }

/** How deep the state is cleaned before each check. */
export const resetDepths = ["store", "backend", "container"] as const
export type ResetDepth = (typeof resetDepths)[number]

/** What one child is to do. */
export interface ChildPlan {
  /** `probe` loads the provider and says what it is; `run` runs its checks, `job` something else that takes long. */
  readonly mode: "probe" | "run" | "job"
  readonly source: ProviderSource
  /** Ids of checks. */
  readonly checks: ReadonlyArray<string>
  /** What a job is told, by the name under which the child knows it. */
  readonly job?: { readonly name: string; readonly args: unknown }
  /** A plan of steps, which runs instead of checks. */
  readonly steps?: StepsPlan
  readonly seed: number
  readonly reset?: ResetDepth
  /** Also measure what a store costs the platform. */
  readonly costs?: boolean
  /** Sections of history are appended here. */
  readonly historyFile: string
  /** Whose end is the child's end: the forking process and those above it. */
  readonly ancestors: ReadonlyArray<ProcessEntry>
  /** How long an orderly stop may take before the child ends at once, in milliseconds. */
  readonly stopMs: number
}

/** From the command to a child. */
export type ParentMessage = { readonly type: "plan"; readonly plan: ChildPlan } | { readonly type: "stop" }

/** What a loaded provider is. */
export interface ProviderCard {
  readonly key: string
  readonly title: string
  readonly world: "virtual" | "real"
  readonly capabilities: unknown
}

/** From a child to the command. */
export type ChildMessage =
  /** The event loop turns. */
  | { readonly type: "alive" }
  | { readonly type: "ready"; readonly card: ProviderCard }
  /** The provider cannot run on this machine now. */
  | { readonly type: "unavailable"; readonly card: ProviderCard; readonly missing: string }
  /** The provider's file cannot be used: one line that says why. */
  | { readonly type: "bad-provider"; readonly message: string }
  | { readonly type: "start"; readonly id: string }
  | { readonly type: "result"; readonly result: CheckResult }
  /** `stopped`: it was asked to end before it was done. */
  | { readonly type: "done"; readonly run: ProviderRun; readonly stopped: boolean }
  /** How far a job is, in its own words. */
  | { readonly type: "news"; readonly news: unknown }
  /** A job is over. */
  | { readonly type: "finished"; readonly result: unknown }
  /** The harness's own code failed. */
  | { readonly type: "harness-error"; readonly message: string }

/** How often a child says that its event loop turns, in milliseconds. */
export const aliveEveryMs = 500
