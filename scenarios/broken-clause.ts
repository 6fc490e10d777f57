import type { Anomaly, AnomalyName } from "../contract/anomaly.ts"
import type { HistoryRecord } from "../contract/history.ts"

/** The MUST that an anomaly breaks wherever it is seen. What is not here may break many: clients converge under faults. */
const clauses: Readonly<Partial<Record<AnomalyName, string>>> = {
  "lost-ack": "push/durable",
  fork: "push/durable",
  "torn-batch": "push/atomic",
  corrupted: "push/one",
  "refused-but-stored": "push/stale-parent",
  duplicate: "push/retry",
  "double-winner": "race/same-parent",
  "stale-parent-accepted": "push/stale-parent",
  "store-bleed": "store/isolated",
  "payload-bleed": "payload/reaches",
  "identity-adopted": "reset/never-adopted",
  "identity-missed": "reset/pull-mismatch",
  "identity-false": "reset/never-false",
  "cursor-skip": "pull/suffix",
  gap: "pull/all",
  reordered: "pull/all",
  "stale-read": "pull/read-your-writes",
  "non-monotonic": "pull/monotonic",
  "live-join": "live/join-under-writes",
  "silent-live": "live/others",
  "wrong-refusal": "push/no-false-ahead",
  "untrue-head": "race/same-parent",
  "page-info-lie": "pull/page-info",
  "status-lie": "conn/status-honest",
  leak: "conn/close-releases",
  restless: "converge/quiet",
}

/** The clause that an anomaly in a run of a plan breaks; undefined where only the run as a whole says it. */
export const brokenClause = (
  { name, records: argued }: Anomaly,
  records: ReadonlyArray<HistoryRecord>,
): string | undefined => {
  if (name !== "duplicate") return clauses[name]
  // An event is in the log twice, or a pull gave it twice.
  const about = new Set(argued)
  const pull = records.find((record) => record.k === "invoke" && about.has(record.i) && record.f !== "push")
  if (pull?.k !== "invoke") return clauses[name]
  return pull.f === "live" ? "live/others" : "pull/all"
}
