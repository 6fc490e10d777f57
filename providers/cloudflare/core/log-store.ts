import { Schema, type Effect } from "effect"

/** Where a log stands: the identity of its life, and its last event. */
export interface LogHead {
  /** Made once, when the data's life begins. */
  readonly backendId: string
  /** `seqNum` of the last event, 0 for an empty log. */
  readonly seqNum: number
  /** How many events there are. */
  readonly position: number
  /** Digest of the whole log, "" for an empty one. */
  readonly digest: string
}

/** One event as the log keeps it. `args` is the JSON text as it was pushed; undefined where there are none. */
export interface LogEvent {
  readonly seqNum: number
  readonly parentSeqNum: number
  readonly name: string
  readonly args: string | undefined
  readonly clientId: string
  readonly sessionId: string
  /** Its size as JSON, in bytes. */
  readonly sizeBytes: number
}

/** An event of the log, with the digest of the log up to and with it. */
export interface LoggedEvent extends LogEvent {
  readonly digest: string
}

/** Consecutive events of a log, and how many follow, at one instant. */
export interface LogPage {
  readonly head: LogHead
  readonly events: ReadonlyArray<LoggedEvent>
  readonly remaining: number
}

/** Storage could not do it; nothing of it was done. */
export class StorageFailed extends Schema.TaggedError<StorageFailed>()("StorageFailed", { message: Schema.String }) {}

/** Bounds of one page. */
export interface PageBounds {
  readonly pageEvents: number
  readonly pageBytes: number
}

/**
 * The storage of one store's log. Each effect is one transaction and reads identity and head from storage, because
 * storage may have been wiped beneath. Where there is no life yet it begins one.
 */
export interface LogStore {
  readonly head: Effect.Effect<LogHead, StorageFailed>
  /**
   * Appends all of a batch, unless `refuse` has a reason not to. It is given the digest at the event numbered `seen`,
   * undefined when no event has that number.
   */
  readonly append: <E>(
    batch: ReadonlyArray<LogEvent>,
    seen: number | undefined,
    refuse: (head: LogHead, digestAtSeen: string | undefined) => E | undefined,
  ) => Effect.Effect<LogHead, E | StorageFailed>
  /**
   * Reads on from the event numbered `after` (0: from the start) to the one numbered `until` (default: the head),
   * unless `refuse` has a reason not to. It is given the digest at `after`, undefined when no event has that number.
   */
  readonly page: <E>(
    range: { readonly after: number; readonly until?: number },
    bounds: PageBounds,
    refuse: (head: LogHead, digestAtCursor: string | undefined) => E | undefined,
  ) => Effect.Effect<LogPage, E | StorageFailed>
}
