import type { RecordOf } from "../../contract/history.ts"
import { nothingKnown, type Known } from "./known.ts"
import type { Operation } from "./operation.ts"

/** A finite pull without a cursor that ended with `NoMore` and did not give everything that was known. */
export interface ShortPull {
  readonly op: Operation
  /** Record and time of the page that said `NoMore`. */
  readonly i: number
  readonly t: number
  readonly last: number
}

/** A pull that said `NoMore` within a batch. */
export interface CutBatch {
  readonly op: Operation
  readonly i: number
  readonly t: number
  /** Position of the last event given. */
  readonly last: number
}

/** The time of a store's data from its beginning to a wipe or a restore. */
export interface Life {
  readonly index: number
  /** How it began; undefined for the first. */
  readonly how: RecordOf<"life">["how"] | undefined
  /** Positions up to here were carried over from the life before. */
  readonly keptHead: number
  /**
   * The head at its beginning is not known, or the backend was not told: nothing is judged that rests on the head,
   * on who knew what, or on identity.
   */
  readonly unsure: boolean
  /** Record at which its predecessor's end and its own beginning were announced and complete; -1 for the first. */
  readonly startI: number
  readonly doneI: number
  readonly doneT: number
  known: Known
  /** Events acknowledged in it, and the most that it can have begun with. */
  ackedEvents: number
  readonly baseEvents: number
  /** Acknowledged pushes in order, with the furthest position acknowledged up to each. */
  readonly acks: Array<Operation>
  readonly ackedUpTo: Array<number>
  /** Pushes that promised to append nothing: definitely refused, or of a client that the application refuses. */
  readonly barred: Array<Operation>
  shortPull: ShortPull | undefined
  readonly cuts: Array<CutBatch>
}

/** The first life: an empty log. */
export const firstLife = (): Life => newLife({ index: 0, how: undefined, keptHead: 0, unsure: false, startI: -1 })

export const newLife = (
  begin: Pick<Life, "index" | "how" | "keptHead" | "unsure" | "startI"> &
    Partial<Pick<Life, "doneI" | "doneT" | "baseEvents">>,
): Life => ({
  doneI: -1,
  doneT: 0,
  baseEvents: 0,
  ...begin,
  known:
    begin.keptHead > 0
      ? { seq: begin.keptHead, how: "restored", client: "", i: begin.doneI ?? -1, t: begin.doneT ?? 0 }
      : nothingKnown,
  ackedEvents: 0,
  acks: [],
  ackedUpTo: [],
  barred: [],
  shortPull: undefined,
  cuts: [],
})

/** The earliest acknowledged push of this life that reaches past a position. */
export const earliestAckPast = (life: Life, seq: number): Operation | undefined => {
  let low = 0
  let high = life.ackedUpTo.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (life.ackedUpTo[middle]! > seq) high = middle
    else low = middle + 1
  }
  return life.acks[low]
}
