import { chainDigest } from "../../cloudflare/core/digest.ts"
import { limits, type LogRow, type PushedRow } from "../wire.ts"

/** An event that can be stored, before it has its place in a log. */
export type PushedEvent = Pick<LogRow, "seqNum" | "parentSeqNum" | "name" | "args" | "clientId" | "sessionId">

/** Reads a batch and judges it by itself: numbers, order, chain, sizes. Gives what is wrong with it as a string. */
export const readBatch = (rows: unknown): ReadonlyArray<PushedEvent> | string => {
  if (!Array.isArray(rows)) return "a batch is an array of events"
  if (rows.length > limits.batchEvents) return `a batch holds at most ${limits.batchEvents} events, not ${rows.length}`
  const batch: Array<PushedEvent> = []
  for (const [index, row] of rows.entries()) {
    const event = readEvent(row)
    if (typeof event === "string") return `event ${index + 1} of the batch: ${event}`
    const before = batch.at(-1)
    if (before !== undefined && event.parentSeqNum !== before.seqNum) {
      return `event ${event.seqNum} stands on ${event.parentSeqNum}, the one before it is ${before.seqNum}`
    }
    batch.push(event)
  }
  return batch
}

/** Text that Postgres keeps as it is: no NUL, and no half of a surrogate pair, which UTF-8 cannot carry. */
const isStorable = (text: unknown): text is string =>
  typeof text === "string" && text.isWellFormed() && !text.includes("\0")

const readEvent = (row: PushedRow): PushedEvent | string => {
  if (!Array.isArray(row) || row.length !== 6) return "it is no event"
  const [seqNum, parentSeqNum, name, clientId, sessionId, args] = row as PushedRow
  if (!Number.isSafeInteger(seqNum) || Number(seqNum) < 1) return "its seqNum is no positive safe integer"
  if (!Number.isSafeInteger(parentSeqNum) || Number(parentSeqNum) < 0) return "its parentSeqNum is no position"
  if (Number(seqNum) <= Number(parentSeqNum)) return "its seqNum is not above its parentSeqNum"
  if (!isStorable(name) || !isStorable(clientId) || !isStorable(sessionId)) return "its names are no text for Postgres"
  if (args !== null && !(isStorable(args) && isJson(args))) return "its args are no JSON"
  const event = { seqNum: Number(seqNum), parentSeqNum: Number(parentSeqNum), name, args, clientId, sessionId }
  const bytes = eventBytes(event)
  if (bytes > limits.eventBytes) return `it has ${bytes} bytes as JSON, at most ${limits.eventBytes} are taken`
  return event
}

/** Size of an event as JSON, in bytes. */
export const eventBytes = ({ args, ...bare }: PushedEvent): number =>
  Buffer.byteLength(JSON.stringify(bare)) + (args === null ? 0 : `"args":,`.length + Buffer.byteLength(args))

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The rows of a batch behind a head. */
export const rowsBehind = (
  head: { readonly digest: string; readonly size: number },
  batch: ReadonlyArray<PushedEvent>,
): ReadonlyArray<LogRow> => {
  let { digest } = head
  return batch.map((event, index) => {
    const { seqNum, parentSeqNum, name, clientId, sessionId, args } = event
    digest = chainDigest(digest, JSON.stringify([seqNum, parentSeqNum, name, clientId, sessionId, args]))
    return { ...event, digest, following: batch.length - 1 - index, position: head.size + 1 + index }
  })
}
