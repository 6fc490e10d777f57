/** Everything that can be wrong with a history, by its standard name. The order is the order of telling: gravest first. */
export const anomalies = [
  "lost-ack",
  "fork",
  "torn-batch",
  "corrupted",
  "phantom",
  "refused-but-stored",
  "duplicate",
  "double-winner",
  "stale-parent-accepted",
  "store-bleed",
  "payload-bleed",
  "identity-adopted",
  "identity-missed",
  "identity-false",
  "cursor-skip",
  "gap",
  "reordered",
  "stale-read",
  "non-monotonic",
  "live-join",
  "silent-live",
  "wrong-refusal",
  "untrue-head",
  "page-info-lie",
  "status-lie",
  "defect",
  "stuck",
  "leak",
  "restless",
  "diverged",
] as const
export type AnomalyName = (typeof anomalies)[number]

/** Anomalies whose verdict hangs on time alone: only these can be flaky. */
export const timedAnomalies: ReadonlySet<AnomalyName> = new Set(["stuck", "silent-live", "status-lie", "restless"])

/** An anomaly found in a history: an argument from at most five operations. */
export interface Anomaly {
  readonly name: AnomalyName
  /** "client b's pull at 1.204 s returned event 7 without event 6; …; therefore …" */
  readonly sentence: string
  /** Record numbers (`i`) of the operations argued from, at most five. */
  readonly records: ReadonlyArray<number>
  readonly storeId?: string
}
