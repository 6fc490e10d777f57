import type { HistoryRecord, RecordedEvent } from "../../contract/history.ts"

/** A record of a history with what a timeline shows of it: no events, only which. */
export interface TimelineRecord {
  readonly i: number
  /** Nanoseconds since the section began. */
  readonly t: number
  readonly k: HistoryRecord["k"]
  readonly op?: number
  readonly client?: string
  readonly store?: string
  /** The operation's name, for `invoke`. */
  readonly f?: string
  /** A few words: which events, which error, which fault. */
  readonly label: string
}

/** Kinds that a timeline has no place for. */
const unseen: ReadonlySet<string> = new Set(["begin", "lag", "frame", "end", "seal"])

/** What a timeline shows of a record; undefined for one that it leaves out. */
export const timelineRecord = (record: HistoryRecord): TimelineRecord | undefined => {
  if (unseen.has(record.k)) return undefined
  return {
    i: record.i,
    t: record.t,
    k: record.k,
    label: labelOf(record),
    ...("op" in record && record.op !== undefined ? { op: record.op } : {}),
    ...("client" in record && record.client !== undefined ? { client: record.client } : {}),
    ...("store" in record && record.store !== undefined ? { store: record.store } : {}),
    ...(record.k === "invoke" ? { f: record.f } : {}),
  }
}

const labelOf = (record: HistoryRecord): string => {
  switch (record.k) {
    case "invoke":
      return record.batch !== undefined
        ? range(record.batch)
        : record.cursor === undefined
          ? ""
          : `after ${record.cursor}`
    case "page":
      return `${range(record.events)} ${record.info}${record.remaining === undefined ? "" : ` ${record.remaining}`}`
    case "refused":
    case "indefinite": {
      const { tag, head, message } = record.error
      return `${tag}${head === undefined ? "" : ` head ${head}`}${message === undefined ? "" : `: ${message.slice(0, 120)}`}`
    }
    case "fault":
      return `${record.name} ${record.phase}${record.detail === undefined ? "" : ` (${record.detail.slice(0, 80)})`}`
    case "process":
      return `${record.what} ${record.phase}`
    case "life":
      return `${record.how} ${record.phase}`
    case "truth":
      return `final log by ${record.source}: ${range(record.events)}`
    case "status":
      return record.connected ? "connected" : "disconnected"
    case "client":
      return `opened, memory ${record.memory}`
    case "client-end":
      return record.how
    case "stuck":
      return `stuck after ${record.afterMs} ms`
    case "defect":
      return record.message.slice(0, 120)
    case "finding":
      return `${record.anomaly}: ${record.sentence.slice(0, 200)}`
    case "unjudged":
      return record.reason.slice(0, 200)
    case "revoked":
      return "its payload is revoked"
    case "foreign-cursor":
      return "it is handed a cursor of another store"
    case "paused":
      return "its reader stops"
    case "resumed":
      return "its reader reads again"
    case "note":
      return record.text.slice(0, 120)
    default:
      return ""
  }
}

/** "3–5 (3 events)", "7", "nothing". */
const range = (events: ReadonlyArray<RecordedEvent>): string => {
  const [first, last] = [events[0], events.at(-1)]
  if (first === undefined || last === undefined) return "nothing"
  return events.length === 1 ? String(first.seqNum) : `${first.seqNum}–${last.seqNum} (${events.length})`
}
