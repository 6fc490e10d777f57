import type { ArgsDigest, HistoryRecord, RecordedEvent } from "../contract/history.ts"
import { markOf } from "./same-event.ts"
import { isPlainText } from "./valid-batch.ts"
import { valueDigest } from "./value-digest.ts"

/**
 * Arguments whose JSON text is longer than this are written as a digest, in characters. Most of a run's history was
 * arguments of 2 kB; a digest takes 200 bytes.
 */
const longArgsChars = 500

/** How much of long arguments stays readable, in characters. */
const shownChars = 60

/**
 * The records as a file keeps them: long arguments as a digest, everything else as it was. A verdict on them is the
 * verdict on the records themselves; only a sentence that quotes such arguments quotes their beginning.
 */
export const withArgsDigests = (records: Iterable<HistoryRecord>): ReadonlyArray<HistoryRecord> => {
  // The same arguments are pushed once and pulled many times.
  const digests = new Map<string, ArgsDigest>()
  const digested = (event: RecordedEvent): RecordedEvent => {
    const { args, ...rest } = event
    if (args === undefined || args.length <= longArgsChars) return event
    let argsDigest = digests.get(args)
    if (argsDigest === undefined) {
      argsDigest = digestOf(args, markOf(event))
      digests.set(args, argsDigest)
    }
    return { ...rest, argsDigest }
  }
  return Array.from(records, (record) => withEvents(record, digested))
}

/** The members of records that are lists of events. */
const eventLists: ReadonlySet<string> = new Set(["batch", "events", "log", "pending"])

const withEvents = (record: HistoryRecord, change: (event: RecordedEvent) => RecordedEvent): HistoryRecord => {
  const changed: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(record)) {
    changed[key] = eventLists.has(key) ? (value as ReadonlyArray<RecordedEvent>).map(change) : value
  }
  return changed as unknown as HistoryRecord
}

const digestOf = (args: string, mark: string | undefined): ArgsDigest => ({
  sha256: valueDigest(args),
  sizeBytes: Buffer.byteLength(args),
  begins: args.slice(0, shownChars).toWellFormed(),
  ...(mark === undefined ? {} : { mark }),
  plain: isPlainText(args),
})
