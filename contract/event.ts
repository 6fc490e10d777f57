import { Schema, type Option } from "effect"

/**
 * One event of a store's log, as it travels.
 *
 * `seqNum` is chosen by the client: a positive safe integer above its parent, gaps allowed. `parentSeqNum` is
 * the `seqNum` of the event before it, 0 for the first. `args` is what `JSON.stringify` makes of a value; absent
 * `args` are legal. Two events are equal when these six fields are deeply equal after a round trip through JSON.
 */
export const EventEncoded = Schema.Struct({
  seqNum: Schema.Number,
  parentSeqNum: Schema.Number,
  name: Schema.String,
  args: Schema.optionalKey(Schema.Unknown),
  clientId: Schema.String,
  sessionId: Schema.String,
})
export type EventEncoded = typeof EventEncoded.Type

/** The `parentSeqNum` of a log's first event, and the head of an empty log. */
export const rootSeqNum = 0

/**
 * The last event that a client has. `metadata` belongs to the provider: the caller stores it as JSON and hands
 * it back unread.
 */
export interface Cursor {
  readonly eventSequenceNumber: number
  readonly metadata: Option.Option<unknown>
}

/** What a pulled item says about the rest of the log at some instant between the pull's start and its arrival. */
export const PageInfo = Schema.Union([
  Schema.TaggedStruct("NoMore", {}),
  /** `remaining` events follow, at least 1. */
  Schema.TaggedStruct("MoreKnown", { remaining: Schema.Number }),
  Schema.TaggedStruct("MoreUnknown", {}),
])
export type PageInfo = typeof PageInfo.Type

export const noMore: PageInfo = { _tag: "NoMore" }
export const moreUnknown: PageInfo = { _tag: "MoreUnknown" }
export const moreKnown = (remaining: number): PageInfo => ({ _tag: "MoreKnown", remaining })

/** An event as pulled, with the provider's metadata for a cursor that stands on it. */
export interface PulledEvent {
  readonly event: EventEncoded
  readonly metadata: Option.Option<unknown>
}

/** One page of a pull. */
export interface PullItem {
  readonly events: ReadonlyArray<PulledEvent>
  readonly pageInfo: PageInfo
}
