import type { OperationName, RecordedError, RecordedEvent } from "../../contract/history.ts"
import type { ClientModel } from "./client-model.ts"
import type { Known } from "./known.ts"
import type { StoreModel } from "./store-model.ts"

/** How an operation ended; `open` until it does. */
export type End = "open" | "ok" | "refused" | "indefinite" | "interrupted"

/** Events that a pull passed over: positions after `after` up to `upTo`, told by the page with record number `i`. */
export interface Hole {
  readonly after: number
  readonly upTo: number
  /** The event that stood where the missing one should. */
  readonly next: number
  readonly i: number
  readonly t: number
  /** Whether nothing had been delivered before. */
  readonly first: boolean
  /** Whether it was found where a live pull goes over from history to live. */
  readonly joining: boolean
}

/** How far a pull has come. */
export interface PullProgress {
  pages: number
  delivered: number
  /** Record of the first page with events, -1 before it. */
  firstI: number
  /** The furthest delivered position; the cursor before any. */
  last: number
  /** Record of the last page and its time. */
  lastI: number
  lastT: number
  /** What the last page said. */
  info: "NoMore" | "MoreKnown" | "MoreUnknown" | undefined
  /** Record of the first page that said `NoMore`, -1 before it. */
  noMoreI: number
  /** Pages with events after the first `NoMore`. */
  livePages: number
  holes: Array<Hole> | undefined
}

/** One operation of one client. */
export interface Operation {
  readonly op: number
  readonly f: OperationName
  readonly client: ClientModel
  readonly store: StoreModel
  readonly i: number
  readonly t: number
  readonly batch: ReadonlyArray<RecordedEvent>
  /** The cursor's position, 0 without one. */
  readonly cursor: number
  /** Whether it is a finite pull without a cursor: it must give the whole log. */
  readonly whole: boolean
  /** The life of the store's data in which it began; -1 while the data was being changed. */
  readonly life: number
  /** What was known of the log when it began. */
  readonly known: Known
  /** The furthest that this client had been shown when it began, in this life. */
  readonly seen: Known | undefined
  /** The application refuses this client's payload, for all of this operation. */
  readonly rejected: boolean
  readonly pull: PullProgress | undefined
  end: End
  endI: number
  endT: number
  error: RecordedError | undefined
  /** Record of the deadline's passing, -1 if it did not pass; and of the harness's wish to stop it. */
  stuckI: number
  interruptI: number
}
