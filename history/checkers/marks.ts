import type { RecordedEvent, RecordOf } from "../../contract/history.ts"
import type { MakeChecker, Report } from "../checker.ts"
import { argue, records, seconds } from "../explain.ts"
import type { Operation } from "../model/operation.ts"
import { findPush, type Slot } from "../model/slot.ts"
import type { StoreModel } from "../model/store-model.ts"
import { markOf, sameEvent } from "../same-event.ts"

/**
 * An event keeps its mark when a client rebases it, so one mark at two positions is one event stored twice: unless
 * the client itself pushed it again while its first attempt was acknowledged or could still land.
 */
export const marks: MakeChecker = () => {
  const seen = new Map<StoreModel, Map<string, RecordedEvent>>()

  /** Looks at the events of a page or a truth that are seen for the first time in this life. */
  const look = (record: Showing, store: StoreModel, report: Report): void => {
    let marked = seen.get(store)
    if (marked === undefined) seen.set(store, (marked = new Map()))
    const { events } = record
    for (let n = 0; n < events.length; n++) {
      const event = events[n]!
      const slot = store.slots.get(event.seqNum)
      if (slot === undefined || !isFirstSight(slot, store)) continue
      const mark = markOf(event)
      if (mark === undefined) continue
      const other = marked.get(mark)
      if (other === undefined) marked.set(mark, event)
      else if (other.seqNum !== event.seqNum) {
        if (isThere(other, record, store)) judgeTwo({ event, other, mark, store }, record, report)
        else marked.set(mark, event)
      }
    }
  }

  return {
    names: ["duplicate"],
    on: {
      page: (record, model, report) => {
        const op = model.open.get(record.op)
        if (op !== undefined && op.store.isCurrent(op)) look(record, op.store, report)
      },
      truth: (record, model, report) => {
        const store = model.store(record.store)
        if (store.changingI === -1) look(record, store, report)
      },
    },
  }
}

type Showing = RecordOf<"page"> | RecordOf<"truth">

/** Whether an event that was seen before is in the log of this life: it was shown in it, or stands in this very record. */
const isThere = (event: RecordedEvent, record: Showing, store: StoreModel): boolean => {
  const proven = store.proven(event.seqNum)
  return proven === undefined ? record.events.includes(event) : sameEvent(proven.value!, event)
}

/** A position is looked at once a life. */
const isFirstSight = (slot: Slot, store: StoreModel): boolean =>
  slot.life === -1 || !store.holds(slot) || (slot.seenI === -1 && slot.truthI === -1)

interface Two {
  readonly event: RecordedEvent
  /** The event that was seen before with this mark. */
  readonly other: RecordedEvent
  readonly mark: string
  readonly store: StoreModel
}

const judgeTwo = ({ event, other, mark, store }: Two, record: Showing, report: Report): void => {
  const here = findPush(store.slots.get(event.seqNum)!, event)
  const otherSlot = store.slots.get(other.seqNum)!
  const there = findPush(otherSlot, other)
  if (here === undefined || there === undefined || here === there || isClientsOwn(here, there)) return
  const who = record.k === "truth" ? "the final log" : `the log, as last shown at ${seconds(record.t)},`
  const shownI = otherSlot.seenI === -1 ? otherSlot.truthI : otherSlot.seenI
  report(
    "duplicate",
    records(there.i, here.i, shownI, record.i),
    () =>
      argue(
        `${who} has event ${event.seqNum} and event ${other.seqNum} with one mark, ${mark}`,
        `client ${here.client.id} pushed that event to one position only once it could no longer be stored at the other`,
        "one event is in the log twice",
      ),
    { store },
  )
}

/**
 * Whether the client pushed again what was acknowledged or could still be stored: then two copies are its own doing.
 * A place that was taken in an earlier life is free again in the next.
 */
const isClientsOwn = (a: Operation, b: Operation): boolean => {
  const [first, second] = a.i < b.i ? [a, b] : [b, a]
  const parent = first.batch[0]!.parentSeqNum
  if (first.end === "refused" && first.endI < second.i) return false
  if (first.life !== first.store.life.index) return true
  return (first.end === "ok" && first.endI < second.i) || second.known.seq <= parent
}
