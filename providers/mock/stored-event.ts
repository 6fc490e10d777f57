import { hash32 } from "../../chaos/draw.ts"
import type { EventEncoded } from "../../contract/event.ts"
import type { WireEvent } from "./wire.ts"

/** One row of a store's log. Everything that later reads need is made once, when it is stored. */
export interface StoredEvent extends WireEvent {
  /** Length of the event as JSON in UTF-8, its arguments in place. */
  readonly sizeBytes: number
  /** Covers this event and all before it: two logs that differ anywhere before a position differ in its digest. */
  readonly digest: number
  /** The event as it travels in a page. */
  readonly text: string
}

/** The digest of an empty log. */
export const rootDigest = 0

/** What stands before the arguments in an event's JSON. */
const argsMember = ',"args":'

/** Length of a pushed event as JSON in UTF-8 bytes. */
export const eventSizeBytes = (event: WireEvent): number => {
  const { args, ...rest } = event
  const front = Buffer.byteLength(JSON.stringify(rest))
  return args === undefined ? front : front + argsMember.length + Buffer.byteLength(args)
}

/** Whether a pushed event is within a size, without measuring one that surely is: a character takes at most 6 bytes. */
export const fitsIn = (event: WireEvent, limitBytes: number): boolean => {
  const characters = event.name.length + event.clientId.length + event.sessionId.length + (event.args?.length ?? 0)
  return characters * 6 + 200 <= limitBytes || eventSizeBytes(event) <= limitBytes
}

/** Makes the row of an event that follows a log with this digest. */
const storedEvent = (event: WireEvent, digestBefore: number): StoredEvent => {
  const { seqNum, parentSeqNum, name, args, clientId, sessionId } = event
  const bare = { seqNum, parentSeqNum, name, clientId, sessionId }
  const front = JSON.stringify(bare)
  const frontBytes = Buffer.byteLength(front)
  if (args === undefined) {
    const digest = hash32(digestBefore, front)
    return { ...bare, sizeBytes: frontBytes, digest, text: `${front.slice(0, -1)},"digest":${digest}}` }
  }
  const digest = hash32(hash32(digestBefore, front), args)
  const text = `${front.slice(0, -1)},"args":${JSON.stringify(args)},"digest":${digest}}`
  return { ...bare, args, sizeBytes: frontBytes + argsMember.length + Buffer.byteLength(args), digest, text }
}

/** The rows of a batch that follows a log with this digest. */
export const storedBatch = (events: ReadonlyArray<WireEvent>, digestBefore: number): ReadonlyArray<StoredEvent> => {
  let digest = digestBefore
  return events.map((event) => {
    const row = storedEvent(event, digest)
    digest = row.digest
    return row
  })
}

/** An event in the contract's form. */
export const eventOf = (wire: WireEvent): EventEncoded => {
  const { seqNum, parentSeqNum, name, args, clientId, sessionId } = wire
  const front = { seqNum, parentSeqNum, name, clientId, sessionId }
  return args === undefined ? front : { ...front, args: JSON.parse(args) as unknown }
}
