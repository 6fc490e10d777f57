import { Result, Schema } from "effect"
import { HistoryRecord, type RecordOf } from "../contract/history.ts"

/** A line of a history that is no record. `line` counts from 1. */
export class HistoryFormatError extends Schema.TaggedError<HistoryFormatError>()("HistoryFormatError", {
  line: Schema.Number,
  message: Schema.String,
}) {}

/** One check's part of a history, its `begin` included. */
export interface Section {
  readonly begin: RecordOf<"begin">
  readonly records: ReadonlyArray<HistoryRecord>
}

/** Records as ndjson: one line each, the last one ended too. */
export const toNdjson = (records: Iterable<HistoryRecord>): string => {
  let text = ""
  for (const record of records) text += `${JSON.stringify(record)}\n`
  return text
}

const decode = Schema.decodeUnknownResult(HistoryRecord)

const kinds: ReadonlySet<unknown> = new Set(HistoryRecord.members.map((member) => member.fields.k.literal))

/** Reads a history back, split into sections. Empty lines are skipped; the first broken line is the error. */
export const fromNdjson = (text: string): Result.Result<ReadonlyArray<Section>, HistoryFormatError> => {
  const sections: Array<{ begin: RecordOf<"begin">; records: Array<HistoryRecord> }> = []
  let line = 0
  for (let from = 0; from < text.length;) {
    const newline = text.indexOf("\n", from)
    const to = newline === -1 ? text.length : newline
    const content = text.slice(from, to)
    from = to + 1
    line += 1
    if (content.trim() === "") continue
    const record = parseRecord(content)
    if (typeof record === "string") return broken(line, record)
    if (record.k === "begin") sections.push({ begin: record, records: [record] })
    else if (sections.length === 0) {
      return broken(line, `a record of kind "${record.k}" stands before any "begin"`)
    } else sections[sections.length - 1]!.records.push(record)
  }
  return Result.succeed(sections)
}

const broken = (line: number, why: string) =>
  Result.fail(new HistoryFormatError({ line, message: `line ${line} of the history: ${why}` }))

/** The record that a line is, or why it is none. */
export const parseRecord = (content: string): HistoryRecord | string => {
  let json: unknown
  try {
    json = JSON.parse(content)
  } catch {
    return "not JSON; the file may have been cut off while it was written"
  }
  const decoded = decode(json)
  if (Result.isSuccess(decoded)) return decoded.success
  const { k: kind, schema } = (json ?? {}) as { readonly k?: unknown; readonly schema?: unknown }
  if (kind === "begin" && schema !== 1) {
    return `a history of format ${JSON.stringify(schema)}; this version of the harness reads format 1`
  }
  return kinds.has(kind)
    ? `no well-formed record of kind "${String(kind)}": ${decoded.failure.message}`
    : `no kind of record is called ${JSON.stringify(kind) ?? "nothing"}`
}
