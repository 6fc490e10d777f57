import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"
import { Result, Schema } from "effect"
import { Seal, type HistoryRecord } from "../contract/history.ts"
import { HistoryFormatError, parseRecord, toNdjson, type Section } from "./ndjson.ts"

/** A section as it was written, and the digest that stands in its seal. */
export interface SealedSection extends Section {
  readonly sha256: string
}

/** Four hex digits of a line's checksum. */
const lineSum = (line: string): string => (crc32(line) & 0xffff).toString(16).padStart(4, "0")

/** The digest of the lines of a section, its seal left out; each is ended by a newline. */
const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32)

/**
 * A section as it is written: its records, and a last line that says how many there are and what they were, so that a
 * history that was cut, reordered or edited is told from one that was written so.
 */
export const sealSection = (records: Iterable<HistoryRecord>): { readonly text: string; readonly sha256: string } => {
  const text = toNdjson(records)
  const lines = text.split("\n").slice(0, -1)
  const sha256 = digestOf(text)
  const seal: Seal = { k: "seal", records: lines.length, lines: lines.map(lineSum).join(""), sha256 }
  return { text: `${text}${JSON.stringify(seal)}\n`, sha256 }
}

const decodeSeal = Schema.decodeUnknownResult(Seal)
const looksLikeSeal = (line: string): boolean => line.startsWith('{"k":"seal"')

/** Whether a line is the last one of a section. */
export const isSealLine = looksLikeSeal

/**
 * Reads one section back, from its `begin` to its seal. Fails at the first line that is not what was written, with its
 * number, counted from 1 within the section, and what is wrong with it.
 */
export const openSection = (lines: ReadonlyArray<string>): Result.Result<SealedSection, HistoryFormatError> => {
  const broken = (line: number, message: string) => Result.fail(new HistoryFormatError({ line, message }))
  const records: Array<HistoryRecord> = []
  for (const [index, line] of lines.entries()) {
    const at = index + 1
    if (looksLikeSeal(line)) return checkSeal(lines, records, at)
    const record = parseRecord(line)
    if (typeof record === "string") return broken(at, record)
    const wrong = outOfPlace(record, records)
    if (wrong !== undefined) return broken(at, wrong)
    records.push(record)
  }
  return broken(
    lines.length + 1,
    `the section of ${nameOf(records)} ends here without its seal: the file was cut off, or lines were taken out`,
  )
}

const nameOf = (records: ReadonlyArray<HistoryRecord>): string =>
  records[0]?.k === "begin" ? `${records[0].check} on ${records[0].provider}` : "no check"

/** Why a record cannot stand behind these. */
const outOfPlace = (record: HistoryRecord, before: ReadonlyArray<HistoryRecord>): string | undefined => {
  if (before.length === 0) {
    return record.k === "begin" ? undefined : `a record of kind "${record.k}" stands before any "begin"`
  }
  if (record.k === "begin") {
    return `the section of ${nameOf(before)} has no seal before the next one begins: lines were taken out`
  }
  return record.i === before.length
    ? undefined
    : `record ${record.i} stands where record ${before.length} belongs: lines were taken out or put in another order`
}

const checkSeal = (
  lines: ReadonlyArray<string>,
  records: ReadonlyArray<HistoryRecord>,
  at: number,
): Result.Result<SealedSection, HistoryFormatError> => {
  const broken = (line: number, message: string) => Result.fail(new HistoryFormatError({ line, message }))
  const begin = records[0]
  if (begin?.k !== "begin") return broken(at, 'a seal stands before any "begin"')
  const seal = parseSeal(lines[at - 1] ?? "")
  if (seal === undefined) return broken(at, `the seal of ${nameOf(records)} is not readable`)
  if (seal.records !== records.length) {
    return broken(at, `the seal of ${nameOf(records)} is over ${seal.records} records, and ${records.length} are here`)
  }
  const sealed = lines.slice(0, at - 1)
  const edited = sealed.findIndex((line, n) => lineSum(line) !== seal.lines.slice(4 * n, 4 * n + 4))
  if (edited !== -1) return broken(edited + 1, "this line is not what was written: it was changed afterwards")
  if (digestOf(sealed.map((line) => `${line}\n`).join("")) !== seal.sha256) {
    return broken(
      at,
      `the records of ${nameOf(records)} are not those that were sealed: something was changed afterwards`,
    )
  }
  if (at < lines.length) return broken(at + 1, 'a section begins with a record of kind "begin"')
  return Result.succeed({ begin, records, sha256: seal.sha256 })
}

const parseSeal = (line: string): Seal | undefined => {
  try {
    const decoded = decodeSeal(JSON.parse(line))
    return Result.isSuccess(decoded) ? decoded.success : undefined
  } catch {
    return undefined
  }
}
