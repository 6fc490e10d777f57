import { existsSync } from "node:fs"
import type { HistoryRecord } from "../../contract/history.ts"
import { readLines } from "../../harness/read-lines.ts"
import { timelineRecord, type TimelineRecord } from "./timeline-record.ts"

/** The records of a check's section, by `timelineKey`. */
export type Timelines = ReadonlyMap<string, ReadonlyArray<TimelineRecord>>

/** Names a check's section of a history. */
export const timelineKey = (provider: string, check: string): string => `${provider} ${check}`

/**
 * Reads the wanted sections of a `history.ndjson`, line by line: a history can be larger than memory. A check that
 * has several sections is shown by its last. Lines that are no records are passed over: a timeline is an
 * illustration, and `rejudge` is what complains about them.
 */
export const readTimelines = async (historyFile: string, wanted: ReadonlySet<string>): Promise<Timelines> => {
  const timelines = new Map<string, Array<TimelineRecord>>()
  if (wanted.size === 0 || !existsSync(historyFile)) return timelines
  let current: Array<TimelineRecord> | undefined
  for await (const line of readLines(historyFile)) {
    const begins = beginning.test(line)
    if (!begins && current === undefined) continue
    const record = parse(line)
    if (record === undefined) continue
    if (record.k === "begin") {
      const key = timelineKey(record.provider, record.check)
      current = wanted.has(key) ? [] : undefined
      if (current !== undefined) timelines.set(key, current)
    } else {
      const shown = timelineRecord(record)
      if (shown !== undefined) current?.push(shown)
    }
  }
  return timelines
}

const beginning = /^\{[^{}[\]]{0,60}"k":"begin"/

const parse = (line: string): HistoryRecord | undefined => {
  try {
    return JSON.parse(line) as HistoryRecord
  } catch {
    return undefined
  }
}
