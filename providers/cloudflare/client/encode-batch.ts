import { InvalidPush } from "../../../contract/errors.ts"
import type { EventEncoded } from "../../../contract/event.ts"
import { frameBytes } from "../wire.ts"

/** One frame's share of a batch. */
export interface BatchPart {
  readonly rows: Array<ReadonlyArray<unknown>>
  readonly args: Array<string | undefined>
}

/** Room in a frame for the message around the rows. */
const envelopeBytes = 1_000
/** More than this the backend refuses anyhow, so that nothing needs to be sent. */
const hopelessEvents = 10_000

/** Bounds of what carries a batch. */
export interface BatchFrames {
  readonly frameBytes: number
  /** Most frames that one batch may be spread over. */
  readonly frames: number
}

const manyFrames: BatchFrames = { frameBytes, frames: Number.POSITIVE_INFINITY }

/**
 * A batch as parts that fit a frame each, at least one. What cannot be sent at all (arguments that are no JSON, an
 * event larger than a frame) is refused here; the backend judges everything else.
 */
export const encodeBatch = (
  batch: ReadonlyArray<EventEncoded>,
  bounds: BatchFrames = manyFrames,
): ReadonlyArray<BatchPart> | InvalidPush => {
  if (!Array.isArray(batch)) return new InvalidPush({ message: "a batch is an array of events" })
  if (batch.length > hopelessEvents) return new InvalidPush({ message: `${batch.length} events are too many` })
  const parts: Array<BatchPart> = [{ rows: [], args: [] }]
  let bytes = envelopeBytes
  for (const event of batch) {
    const encoded = encodeEvent(event)
    if (encoded instanceof InvalidPush) return encoded
    if (envelopeBytes + encoded.bytes > bounds.frameBytes) {
      return new InvalidPush({ message: `event ${String(event.seqNum)} has ${encoded.bytes} bytes and fits no frame` })
    }
    bytes += encoded.bytes
    if (bytes > bounds.frameBytes) {
      if (parts.length === bounds.frames) return new InvalidPush({ message: `the batch has more than ${bytes} bytes` })
      parts.push({ rows: [], args: [] })
      bytes = envelopeBytes + encoded.bytes
    }
    const part = parts.at(-1)
    part?.rows.push(encoded.row)
    part?.args.push(encoded.args)
  }
  return parts
}

interface EncodedEvent {
  readonly row: ReadonlyArray<unknown>
  readonly args: string | undefined
  readonly bytes: number
}

const encodeEvent = (event: EventEncoded): EncodedEvent | InvalidPush => {
  try {
    const row = [event.seqNum, event.parentSeqNum, event.name, event.clientId, event.sessionId]
    // `JSON.stringify` gives undefined for what has no JSON, such as a function: absent arguments.
    const args = JSON.stringify(event.args) as string | undefined
    const bytes = Buffer.byteLength(JSON.stringify(row)) + Buffer.byteLength(args ?? "") + 2
    return { row, args, bytes }
  } catch (error) {
    return new InvalidPush({ message: `the event is no JSON: ${describe(error)}` })
  }
}

/** What was thrown may be anything, also something that throws when it is looked at. */
const describe = (error: unknown): string => {
  try {
    return String(error)
  } catch {
    return "unknown"
  }
}
