import { Schema } from "effect"
import { anomalies } from "./anomaly.ts"
import { PlanFault } from "./scenario-fault.ts"

/**
 * The one plan format. Checks, properties, campaigns, replay and shrinking all run plans. A plan stores choices,
 * never a generator's path, and every draw it leaves open is a hash of the seed and a key, so that removing one
 * step leaves the others as they are.
 */

const Whole = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** What found a bug. */
const finders = ["suites", "simulation", "campaign", "LiveStore's own list"] as const

/** What is known of the bug that a scenario shows. Rates are measured by "gauntlet bugs --write". */
export const KnownBug = Schema.Struct({
  foundBy: Schema.Literals(finders),
  /** So many runs of the plan on its provider showed it. None: the provider passes it. */
  shown: Whole,
  /** So many runs were made; 0: it was not measured yet. */
  runs: Whole,
  /** A provider that does not have the bug. */
  passesOn: Schema.String,
})
export type KnownBug = typeof KnownBug.Type

/** What a plan shows on its provider. */
const Expectation = Schema.Struct({
  outcome: Schema.Literals(["pass", "fail"]),
  clause: Schema.optionalKey(Schema.String),
  anomaly: Schema.optionalKey(Schema.Literals(anomalies)),
})

/** Runs one check of the suites again. */
export const CheckPlan = Schema.Struct({
  kind: Schema.Literal("check"),
  schema: Schema.Literal(1),
  contract: Schema.String,
  id: Schema.String,
  provider: Schema.String,
  /** Of the provider, when the plan was found. */
  version: Schema.optionalKey(Schema.String),
  seed: Schema.Number,
  title: Schema.optionalKey(Schema.String),
  source: Schema.optionalKey(Schema.String),
  /** Absent: any failure. */
  expect: Schema.optionalKey(Expectation),
  bug: Schema.optionalKey(KnownBug),
})
export type CheckPlan = typeof CheckPlan.Type

/**
 * What a client can do. One that is not open is opened first, with the memory that it had.
 *
 * `push` offers `events` events; with `detached` the next step does not wait for its end. `pull` and `live` begin
 * where `from` says; `pause-live` and `resume-live` are those of a slow reader. `sync` is LiveStore's leader in
 * small: pull, and push on what was pulled, again after each `ServerAhead`. `interrupt` stops the latest detached
 * operation, `settle` waits for all of them. `crash` cuts the link and drops the client, `close` ends it in order,
 * `reopen` opens it again as it was, `fresh` with neither memory nor cursor.
 */
export const stepKinds = [
  "connect",
  "push",
  "pull",
  "live",
  "stop-live",
  "pause-live",
  "resume-live",
  "sync",
  "ping",
  "interrupt",
  "settle",
  "crash",
  "reopen",
  "close",
  "fresh",
  "wait",
] as const
export type StepKind = (typeof stepKinds)[number]

/**
 * The parent of a pushed batch. `known`: the last event that this client has. `head`: the furthest that anybody was
 * told of. `stale`: one behind that. `future`: one that nobody has pushed.
 */
export const pushParents = ["known", "head", "stale", "future"] as const
export type PushParent = (typeof pushParents)[number]

/** Where a pull begins: without a cursor, at the client's own, or at its position without the provider's metadata. */
export const pullStarts = ["start", "cursor", "position"] as const
export type PullStart = (typeof pullStarts)[number]

const Count = Schema.Int.check(Schema.isGreaterThan(0))
const Amount = Schema.Number.check(Schema.isGreaterThanOrEqualTo(0))
const Key = Schema.String.check(Schema.isMinLength(1))

/**
 * One step of one client. `events` counts (1), `sizeBytes` is of each event as JSON, `ms` is how long a wait takes,
 * `times` how often the step is taken, one time after the other (1); `forMs` after how long it is not taken again.
 */
export const Step = Schema.Struct({
  /** Names the step for keyed draws; stays when others are removed. */
  key: Key,
  client: Schema.String,
  do: Schema.Literals(stepKinds),
  events: Schema.optionalKey(Count),
  sizeBytes: Schema.optionalKey(Count),
  ms: Schema.optionalKey(Amount),
  times: Schema.optionalKey(Count),
  forMs: Schema.optionalKey(Amount),
  /** Default `known`. */
  on: Schema.optionalKey(Schema.Literals(pushParents)),
  /** Default `cursor`. */
  from: Schema.optionalKey(Schema.Literals(pullStarts)),
  detached: Schema.optionalKey(Schema.Boolean),
  /** Which session of a whole client commits, counted from 1. Default: the first. */
  session: Schema.optionalKey(Count),
})
export type Step = typeof Step.Type

/** A fault between two steps: of a link, or done to backend, storage or a client. */
export const PlannedFault = Schema.Struct({
  key: Key,
  /** Key of the step before which it begins. */
  before: Schema.String,
  /** Key of the step before which it ends; absent: at the end of the safety phase. */
  until: Schema.optionalKey(Schema.String),
  /** It ends so many milliseconds after it began, if it still stands. */
  lastsMs: Schema.optionalKey(Amount),
  /** Whose link; absent: that of the client whose step it stands before. */
  client: Schema.optionalKey(Schema.String),
  fault: PlanFault,
})
export type PlannedFault = typeof PlannedFault.Type

/**
 * One departure from "first come, first served": at this seam of the client, or of the backend's work for it, the
 * next `turns` that are ready go first. Holds for the first passage of the seam during the step.
 */
export const Preemption = Schema.Struct({
  client: Schema.String,
  step: Schema.String,
  seam: Schema.String,
  turns: Count,
})
export type Preemption = typeof Preemption.Type

export const PlannedClient = Schema.Struct({
  id: Key,
  /** A word for another store than the plan's own. */
  store: Schema.optionalKey(Schema.String),
  /**
   * A whole client, LiveStore's leader in small, instead of single operations: `push` and `sync` commit events, which
   * it syncs by itself; `settle` waits until nothing is pending; steps that only single operations know do nothing.
   */
  leader: Schema.optionalKey(Schema.Boolean),
  /** Of a whole client: so many sessions in front of it. Default 1. */
  sessions: Schema.optionalKey(Count),
})
export type PlannedClient = typeof PlannedClient.Type

/**
 * A workload with faults. Each client takes its own steps in order, all clients at once; then everything is healed,
 * and all must converge and go quiet within the declared times.
 */
export const StepsPlan = Schema.Struct({
  kind: Schema.Literal("steps"),
  schema: Schema.Literal(1),
  contract: Schema.String,
  provider: Schema.String,
  /** Of the provider, when the plan was found. */
  version: Schema.optionalKey(Schema.String),
  seed: Schema.Int,
  title: Schema.optionalKey(Schema.String),
  source: Schema.optionalKey(Schema.String),
  clients: Schema.Array(PlannedClient),
  steps: Schema.Array(Step),
  faults: Schema.Array(PlannedFault),
  preemptions: Schema.optionalKey(Schema.Array(Preemption)),
  /** At the end every client is closed, and what the backend still holds of them is counted. */
  leaks: Schema.optionalKey(Schema.Boolean),
  /**
   * In the virtual world: how many seams whoever has the turn passes before the others that are ready have theirs.
   * Default 0: at each seam the next one goes on.
   */
  grain: Schema.optionalKey(Whole),
  expect: Expectation,
  bug: Schema.optionalKey(KnownBug),
})
export type StepsPlan = typeof StepsPlan.Type

export const Plan = Schema.Union([CheckPlan, StepsPlan])
export type Plan = typeof Plan.Type
