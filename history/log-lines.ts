import type { HistoryRecord } from "../contract/history.ts"

/** A note that begins so is a line of the backend's log. */
export const logPrefix = "log: "

/** What of a backend's log stands in a record, the last lines first to be kept: "1.204 s  the line", oldest first. */
export const logLines = (records: ReadonlyArray<HistoryRecord>, atMost: number): ReadonlyArray<string> =>
  records
    .flatMap((record) =>
      record.k === "note" && record.text.startsWith(logPrefix)
        ? [`${(record.t / 1e9).toFixed(3)} s  ${record.text.slice(logPrefix.length)}`]
        : [],
    )
    .slice(-atMost)
