import { Schema } from "effect"
import { anomalies } from "./anomaly.ts"

/**
 * A known failure of a provider that the harness did not write. It is keyed by check, fingerprint and anomaly:
 * another anomaly there is a `fail`, another build is judged afresh, and past `expires` it fails again.
 */
export const Deviation = Schema.Struct({
  /** Check id; a check's id begins with its clause. */
  check: Schema.String,
  provider: Schema.String,
  fingerprint: Schema.String,
  /** Every anomaly that this failure shows. */
  anomalies: Schema.Array(Schema.Literals(anomalies)),
  /** `always`, or how often it fails, between 0 and 1. */
  rate: Schema.Union([Schema.Literal("always"), Schema.Number]),
  /** What goes wrong, in one sentence. */
  reason: Schema.String,
  /** Path of a script that shows it by hand, without the harness. */
  demonstration: Schema.optionalKey(Schema.String),
  /** A link or number, or "untracked". */
  issue: Schema.String,
  /** ISO date. */
  expires: Schema.String,
})
export type Deviation = typeof Deviation.Type
