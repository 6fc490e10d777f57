import { Schema } from "effect"
import { anomalies } from "./anomaly.ts"

/**
 * The one plan format. Checks, properties, campaigns, replay and shrinking all run plans. A plan stores choices,
 * never a generator's path, and every draw it leaves open is a hash of the seed and a key, so that removing one
 * step leaves the others as they are.
 */

/** Runs one check of the suites again. */
export const CheckPlan = Schema.Struct({
  kind: Schema.Literal("check"),
  schema: Schema.Literal(1),
  contract: Schema.String,
  id: Schema.String,
  provider: Schema.String,
  seed: Schema.Number,
})
export type CheckPlan = typeof CheckPlan.Type

/** One step of one client. `events` counts, `sizeBytes` is of each event's arguments, `ms` is a wait. */
export const Step = Schema.Struct({
  /** Names the step for keyed draws; stays when others are removed. */
  key: Schema.String,
  client: Schema.String,
  do: Schema.Literals([
    "connect",
    "push",
    "pull",
    "live",
    "stop-live",
    "ping",
    "crash",
    "reopen",
    "close",
    "wait",
    "settle",
  ]),
  events: Schema.optionalKey(Schema.Number),
  sizeBytes: Schema.optionalKey(Schema.Number),
  ms: Schema.optionalKey(Schema.Number),
})
export type Step = typeof Step.Type

/** A fault between two steps. `fault` is a `LinkFault`, or the name of something done to backend or storage. */
export const PlannedFault = Schema.Struct({
  key: Schema.String,
  /** Key of the step before which it is applied. */
  before: Schema.String,
  /** Key of the step before which it is healed; absent: at the end of the safety phase. */
  until: Schema.optionalKey(Schema.String),
  client: Schema.optionalKey(Schema.String),
  fault: Schema.Unknown,
})
export type PlannedFault = typeof PlannedFault.Type

export const StepsPlan = Schema.Struct({
  kind: Schema.Literal("steps"),
  schema: Schema.Literal(1),
  contract: Schema.String,
  provider: Schema.String,
  seed: Schema.Number,
  title: Schema.optionalKey(Schema.String),
  source: Schema.optionalKey(Schema.String),
  clients: Schema.Array(Schema.Struct({ id: Schema.String, store: Schema.optionalKey(Schema.String) })),
  steps: Schema.Array(Step),
  faults: Schema.Array(PlannedFault),
  expect: Schema.Struct({
    outcome: Schema.Literals(["pass", "fail"]),
    clause: Schema.optionalKey(Schema.String),
    anomaly: Schema.optionalKey(Schema.Literals(anomalies)),
  }),
})
export type StepsPlan = typeof StepsPlan.Type

export const Plan = Schema.Union([CheckPlan, StepsPlan])
export type Plan = typeof Plan.Type
