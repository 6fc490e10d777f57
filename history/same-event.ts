import type { RecordedEvent } from "../contract/history.ts"
import { valueDigest } from "./value-digest.ts"

/**
 * Whether two recorded events are equal: six fields, `args` after a round trip through JSON. Strings are compared
 * first; only different texts are parsed.
 */
export const sameEvent = (a: RecordedEvent, b: RecordedEvent): boolean =>
  a.seqNum === b.seqNum &&
  a.parentSeqNum === b.parentSeqNum &&
  a.name === b.name &&
  a.clientId === b.clientId &&
  a.sessionId === b.sessionId &&
  a.odd === b.odd &&
  (a.argsDigest === undefined && b.argsDigest === undefined ? sameArgs(a.args, b.args) : sha256Of(a) === sha256Of(b))

const sha256Of = ({ args, argsDigest }: RecordedEvent): string | undefined =>
  argsDigest?.sha256 ?? (args === undefined ? undefined : valueDigest(args))

/** Whether two JSON texts mean the same value. Key order is free; absent equals only absent. */
const sameArgs = (a: string | undefined, b: string | undefined): boolean => {
  if (a === b) return true
  if (a === undefined || b === undefined) return false
  try {
    return sameJson(JSON.parse(a), JSON.parse(b))
  } catch {
    return false
  }
}

/** Walks with a list instead of the call stack: arguments may be nested deeper than that. */
const sameJson = (left: unknown, right: unknown): boolean => {
  const pairs: Array<unknown> = [left, right]
  while (pairs.length > 0) {
    const b = pairs.pop()
    const a = pairs.pop()
    if (a === b) continue
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false
    if (Array.isArray(a) !== Array.isArray(b)) return false
    const keys = Object.keys(a)
    if (keys.length !== Object.keys(b).length) return false
    for (const key of keys) {
      if (!Object.hasOwn(b, key)) return false
      pairs.push((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])
    }
  }
  return true
}

/** The first field in which two events differ, as words: `args {"a":1} instead of {"a":2}`. */
export const differenceOf = (seen: RecordedEvent, pushed: RecordedEvent): string => {
  for (const field of ["seqNum", "parentSeqNum", "name", "clientId", "sessionId", "odd"] as const) {
    if (seen[field] !== pushed[field]) return `${field} ${brief(seen[field])} instead of ${brief(pushed[field])}`
  }
  return seen.argsDigest === undefined && pushed.argsDigest === undefined
    ? `args ${briefAround(seen.args, pushed.args)} instead of ${briefAround(pushed.args, seen.args)}`
    : `args ${briefDigest(seen)} instead of ${briefDigest(pushed)}`
}

const shownChars = 60

const brief = (value: string | number | undefined): string => {
  const text = value === undefined ? "nothing" : String(value)
  return text.length <= shownChars ? text : `${text.slice(0, shownChars)}…`
}

/** The beginning of long arguments, and what tells them from others that begin alike. */
const briefDigest = ({ args, argsDigest }: RecordedEvent): string =>
  argsDigest === undefined
    ? brief(args)
    : `${argsDigest.begins}… (${argsDigest.sizeBytes} bytes, SHA-256 ${argsDigest.sha256.slice(0, 8)})`

/** The part of a long text where it begins to differ from another. */
const briefAround = (text: string | undefined, other: string | undefined): string => {
  if (text === undefined || other === undefined || text.length <= shownChars) return brief(text)
  let from = 0
  while (from < text.length && text[from] === other[from]) from += 1
  const start = Math.max(0, from - 10)
  return `${start > 0 ? "…" : ""}${brief(text.slice(start))}`
}

/**
 * The mark that an event carries in `args.mark`: it survives rebases, so one mark at two positions is one event
 * stored twice. Undefined when there is none.
 */
export const markOf = (event: RecordedEvent): string | undefined => {
  const { args } = event
  if (args === undefined) return event.argsDigest?.mark
  const at = args.indexOf('"mark":"')
  if (at === -1) return undefined
  // A flat object without escapes is read without parsing it: this runs for every event of a history.
  const before = args[at - 1]
  if ((before === "{" || before === ",") && args.indexOf("{", 1) === -1 && args.indexOf("\\") === -1) {
    return args.slice(at + 8, args.indexOf('"', at + 8))
  }
  try {
    const mark: unknown = (JSON.parse(args) as { readonly mark?: unknown } | null)?.mark
    return typeof mark === "string" ? mark : undefined
  } catch {
    return undefined
  }
}
