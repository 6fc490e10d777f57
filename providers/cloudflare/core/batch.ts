import { InvalidPush } from "../../../contract/errors.ts"
import type { LogEvent } from "./log-store.ts"

/** A batch as it came over the wire: rows of unjudged values, and the JSON text of each event's `args`. */
export interface RawBatch {
  readonly rows: ReadonlyArray<ReadonlyArray<unknown>>
  readonly args: ReadonlyArray<string | undefined>
}

/** Bounds of one batch. */
export interface BatchBounds {
  readonly batchEvents: number
  readonly eventBytes: number
}

const encoder = new TextEncoder()
const argsMember = `"args":,`

/** Size of an event as JSON, in bytes. */
export const eventBytes = (event: Omit<LogEvent, "sizeBytes">): number => {
  const { seqNum, parentSeqNum, name, clientId, sessionId, args } = event
  const bare = encoder.encode(JSON.stringify({ seqNum, parentSeqNum, name, clientId, sessionId })).length
  return args === undefined ? bare : bare + argsMember.length + encoder.encode(args).length
}

/** Reads a batch and judges it by itself: numbers, order, chain, sizes. Whether it stands on the head is asked later. */
export const readBatch = (raw: RawBatch, bounds: BatchBounds): ReadonlyArray<LogEvent> | InvalidPush => {
  if (raw.rows.length > bounds.batchEvents) return tooManyEvents(raw.rows.length, bounds.batchEvents)
  const batch: Array<LogEvent> = []
  for (const [index, row] of raw.rows.entries()) {
    const event = readEvent(row, raw.args[index])
    if (typeof event === "string") return invalid(`event ${index + 1} of the batch: ${event}`)
    const previous = batch.at(-1)
    if (previous !== undefined && event.parentSeqNum !== previous.seqNum) {
      return invalid(`event ${event.seqNum} stands on ${event.parentSeqNum}, the one before it is ${previous.seqNum}`)
    }
    if (event.sizeBytes > bounds.eventBytes) {
      return invalid(
        `event ${event.seqNum} has ${event.sizeBytes} bytes as JSON, at most ${bounds.eventBytes} are taken`,
      )
    }
    batch.push(event)
  }
  return batch
}

/** The refusal of a batch over the limit. */
export const tooManyEvents = (events: number, limit: number): InvalidPush =>
  invalid(`a batch holds at most ${limit} events, this one ${events}`)

const invalid = (message: string): InvalidPush => new InvalidPush({ message })

const isName = (value: unknown): value is string => typeof value === "string"

/** An event, or what is wrong with it. */
const readEvent = (row: ReadonlyArray<unknown>, args: string | undefined): LogEvent | string => {
  const [seqNum, parentSeqNum, name, clientId, sessionId] = row
  if (!Number.isSafeInteger(seqNum) || Number(seqNum) < 1) return "its seqNum is no positive safe integer"
  if (!Number.isSafeInteger(parentSeqNum) || Number(parentSeqNum) < 0) return "its parentSeqNum is no position"
  if (Number(seqNum) <= Number(parentSeqNum)) return "its seqNum is not above its parentSeqNum"
  if (row.length !== 5 || !isName(name) || !isName(clientId) || !isName(sessionId)) return "it is no event"
  if (args !== undefined && !isJson(args)) return "its args are no JSON"
  const event = { seqNum: Number(seqNum), parentSeqNum: Number(parentSeqNum), name, clientId, sessionId, args }
  return { ...event, sizeBytes: eventBytes(event) }
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
