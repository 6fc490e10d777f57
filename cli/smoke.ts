/**
 * What `--smoke` runs: the promises without which no other clause can hold, one or two of each family, each done
 * within a second or so on a healthy provider. Names are clauses.
 */
export const smokeClauses: ReadonlySet<string> = new Set([
  "conn/connect",
  "conn/ping",
  "push/one",
  "push/batch",
  "push/stale-parent",
  "race/same-parent",
  "pull/empty",
  "pull/all",
  "pull/suffix",
  "pull/page-info",
  "live/history-then-stay",
  "live/others",
  "payload/reaches",
  "args/fidelity",
  "store/isolated",
  "meta/shape",
])
