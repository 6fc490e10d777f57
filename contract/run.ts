import { Schema } from "effect"
import { anomalies } from "./anomaly.ts"
import { StoreCosts } from "./costs.ts"

/** Version of the contract that checks are written against. */
export const contractVersion = "1.0.0"

/**
 * How a check ended on a provider. `unsupported` and `unknown` never count as passed; `should-fail` is a SHOULD
 * clause that does not hold; `deviation` a listed failure.
 */
export const Outcome = Schema.Literals([
  "pass",
  "fail",
  "should-fail",
  "deviation",
  "unsupported",
  "flaky",
  "unknown",
  "harness-error",
])
export type Outcome = typeof Outcome.Type

export const FoundAnomaly = Schema.Struct({
  name: Schema.Literals(anomalies),
  sentence: Schema.String,
  /** Record numbers of the check's section in `history.ndjson`. */
  records: Schema.Array(Schema.Number),
})

/** One check on one provider, as in `run.json`. */
export const CheckResult = Schema.Struct({
  id: Schema.String,
  clause: Schema.String,
  level: Schema.Literals(["MUST", "SHOULD"]),
  subject: Schema.Literals(["provider", "harness", "client"]),
  verifies: Schema.Array(Schema.String),
  outcome: Outcome,
  /** Time spent, in milliseconds of real time. */
  ms: Schema.Number,
  seed: Schema.Number,
  /** One sentence: why it is not a pass. */
  reason: Schema.optionalKey(Schema.String),
  /** The gravest anomaly found. */
  anomaly: Schema.optionalKey(Schema.Literals(anomalies)),
  /** How many anomalies were found, and the most telling few. */
  found: Schema.Number,
  anomalies: Schema.Array(FoundAnomaly),
  /** The seal (`sha256`) of its section in `history.ndjson`; absent where nothing was recorded. */
  history: Schema.optionalKey(Schema.String),
  /** Where it did not pass: the last lines that the backend wrote to its log meanwhile, "1.204 s  the line", in order. */
  log: Schema.optionalKey(Schema.Array(Schema.String)),
  /** The command that runs it again. */
  replay: Schema.String,
})
export type CheckResult = typeof CheckResult.Type

export const Summary = Schema.Struct({
  pass: Schema.Number,
  fail: Schema.Number,
  shouldFail: Schema.Number,
  deviation: Schema.Number,
  unsupported: Schema.Number,
  flaky: Schema.Number,
  unknown: Schema.Number,
  harnessError: Schema.Number,
})
export type Summary = typeof Summary.Type

/** All checks of one provider. */
export const ProviderRun = Schema.Struct({
  provider: Schema.String,
  version: Schema.String,
  /** What deviations are keyed by: version, and commit and dirty hash where there are such. */
  fingerprint: Schema.String,
  capabilities: Schema.Unknown,
  summary: Summary,
  clausesWithoutCheck: Schema.Array(Schema.String),
  checks: Schema.Array(CheckResult),
  /** Real time of the whole, in milliseconds. */
  ms: Schema.Number,
  /** Listed `always` deviations that passed, each a line that says what to do; not empty fails the run. */
  stale: Schema.Array(Schema.String),
  /** Parts that the host does not offer: "add inspect to unlock 4 clauses". */
  unlock: Schema.Array(Schema.String),
  /** Milliseconds that resets took, by depth, one number a reset. */
  resets: Schema.Record(Schema.String, Schema.Array(Schema.Number)),
  /** What a store costs the platform; only of a full run, and only where the host tells. */
  costs: Schema.optionalKey(StoreCosts),
  /** Defects and unhandled rejections that no single check could be blamed for. */
  strays: Schema.Array(Schema.String),
})
export type ProviderRun = typeof ProviderRun.Type

export const Run = Schema.Struct({
  schema: Schema.Literal(1),
  contract: Schema.String,
  harness: Schema.String,
  /** ISO 8601. */
  started: Schema.String,
  ms: Schema.Number,
  runs: Schema.Array(ProviderRun),
  /** Providers that did not run, and why. */
  unavailable: Schema.Array(Schema.Struct({ provider: Schema.String, missing: Schema.String })),
  /** Stopped by a signal before it was done. */
  interrupted: Schema.optionalKey(Schema.Boolean),
  /** In a file: a digest of everything else in it. */
  seal: Schema.optionalKey(Schema.String),
})
export type Run = typeof Run.Type
