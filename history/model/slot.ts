import type { RecordedEvent } from "../../contract/history.ts"
import { sameEvent } from "../same-event.ts"
import type { Operation } from "./operation.ts"

/**
 * One position of a store's log: who pushed what there, and the one value that is proven for it in the current
 * life, if any.
 */
export interface Slot {
  readonly seq: number
  /** The first push with an event here, and any others. */
  readonly push: Operation
  more: Array<Operation> | undefined
  /** Pushes with an event here that were not definitely refused. */
  open: number
  /** Whether any push ends here: only such a position can ever be the head. */
  ends: boolean
  /** A push that ends here with the proven value, once one was found. */
  endsIn: Operation | undefined
  /** The life in which the rest holds; -1 while no value is proven. */
  life: number
  value: RecordedEvent | undefined
  /** The number of events in the log up to here; 0 when it cannot be told. */
  depth: number
  /** First acknowledgement in this life. */
  ack: Operation | undefined
  /** First delivery in this life to anyone: operation, record and time. `seenI` is -1 before it. */
  seenBy: Operation | undefined
  seenI: number
  seenT: number
  /** Record of the latest delivery, or of a truth that shows it. */
  lastI: number
  /** Record of the first truth that shows it. */
  truthI: number
}

export const newSlot = (seq: number, push: Operation): Slot => ({
  seq,
  push,
  more: undefined,
  open: 0,
  ends: false,
  endsIn: undefined,
  life: -1,
  value: undefined,
  depth: 0,
  ack: undefined,
  seenBy: undefined,
  seenI: -1,
  seenT: 0,
  lastI: -1,
  truthI: -1,
})

/** Forgets what an earlier life proved. */
export const forget = (slot: Slot): void => {
  slot.life = -1
  slot.value = undefined
  slot.depth = 0
  slot.ack = undefined
  slot.seenBy = undefined
  slot.seenI = -1
  slot.lastI = -1
  slot.truthI = -1
}

/** The event that a push has at a position. Batches may be sparse or malformed, so it is looked for. */
export const eventAt = (push: Operation, seq: number): RecordedEvent | undefined => {
  const first = push.batch[0]
  const dense = first === undefined ? undefined : push.batch[seq - first.seqNum]
  if (dense !== undefined && dense.seqNum === seq) return dense
  return push.batch.find((event) => event.seqNum === seq)
}

/** Every push with an event at this position. */
export const pushesAt = (slot: Slot): ReadonlyArray<Operation> =>
  slot.more === undefined ? [slot.push] : [slot.push, ...slot.more]

/** The first push with exactly this event for which the condition holds. */
export const findPush = (
  slot: Slot,
  event: RecordedEvent,
  condition: (push: Operation) => boolean = always,
): Operation | undefined => {
  if (condition(slot.push) && offers(slot.push, event)) return slot.push
  return slot.more?.find((push) => condition(push) && offers(push, event))
}

const always = () => true

/** Whether a push has exactly this event. */
export const offers = (push: Operation, event: RecordedEvent): boolean => {
  const own = eventAt(push, event.seqNum)
  if (own !== undefined && sameEvent(own, event)) return true
  // A malformed batch may number two events alike.
  return push.batch.some((other) => other !== own && other.seqNum === event.seqNum && sameEvent(other, event))
}
