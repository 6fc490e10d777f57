import type { RecordedEvent } from "../../contract/history.ts"
import type { MakeChecker, Report } from "../checker.ts"
import { argue, records } from "../explain.ts"
import type { Operation } from "../model/operation.ts"
import { findPush, type Slot } from "../model/slot.ts"
import type { StoreModel } from "../model/store-model.ts"
import { markOf } from "../same-event.ts"

/**
 * An event keeps its mark when a client rebases it, so one mark at two positions is one event stored twice: unless
 * the client itself pushed it again while its first attempt was acknowledged or could still land.
 */
export const marks: MakeChecker = () => {
  const seen = new Map<StoreModel, Map<string, number>>()
  const judgeMark = (
    event: RecordedEvent,
    slot: Slot,
    store: StoreModel,
    who: () => string,
    i: number,
    report: Report,
  ) => {
    const mark = markOf(event)
    if (mark === undefined) return
    let positions = seen.get(store)
    if (positions === undefined) seen.set(store, (positions = new Map()))
    const seenAt = positions.get(mark)
    if (seenAt === event.seqNum) return
    const other = seenAt === undefined ? undefined : store.proven(seenAt)
    if (other === undefined || markOf(other.value!) !== mark) positions.set(mark, event.seqNum)
    else judgeTwo({ event, slot, other, mark, store }, who, i, report)
  }
  return {
    names: ["duplicate"],
    on: {
      page: (record, model, report) => {
        const op = model.open.get(record.op)
        if (op === undefined || !op.store.isCurrent(op)) return
        const who = () => `client ${op.client.id}`
        for (let n = 0; n < record.events.length; n++) {
          const event = record.events[n]!
          const slot = op.store.slots.get(event.seqNum)
          if (slot !== undefined && isFirstSight(slot, op.store))
            judgeMark(event, slot, op.store, who, record.i, report)
        }
      },
      truth: (record, model, report) => {
        const store = model.store(record.store)
        if (store.changingI !== -1) return
        for (const event of record.events) {
          const slot = store.slots.get(event.seqNum)
          if (slot !== undefined && isFirstSight(slot, store)) {
            judgeMark(event, slot, store, () => "the final log", record.i, report)
          }
        }
      },
    },
  }
}

/** A position is looked at once a life. */
const isFirstSight = (slot: Slot, store: StoreModel): boolean =>
  slot.life === -1 || !store.holds(slot) || (slot.seenI === -1 && slot.truthI === -1)

interface Two {
  readonly event: RecordedEvent
  readonly slot: Slot
  /** The position at which the mark was seen before. */
  readonly other: Slot
  readonly mark: string
  readonly store: StoreModel
}

const judgeTwo = ({ event, slot, other, mark, store }: Two, who: () => string, i: number, report: Report): void => {
  const here = findPush(slot, event)
  const there = findPush(other, other.value!)
  if (here === undefined || there === undefined || here === there || isClientsOwn(here, there)) return
  const shownI = other.seenI === -1 ? other.truthI : other.seenI
  report(
    "duplicate",
    records(there.i, here.i, shownI, i),
    () =>
      argue(
        `${who()} has event ${event.seqNum} and event ${other.seq} with one mark, ${mark}`,
        `client ${here.client.id} pushed that event to both positions, the second time only once the first could not be stored any more`,
        "one event is in the log twice",
      ),
    { store },
  )
}

/** Whether the client pushed again what was acknowledged or could still be stored: then two copies are its own doing. */
const isClientsOwn = (a: Operation, b: Operation): boolean => {
  const [first, second] = a.i < b.i ? [a, b] : [b, a]
  const parent = first.batch[0]!.parentSeqNum
  if (first.end === "refused" && first.endI < second.i) return false
  return (first.end === "ok" && first.endI < second.i) || second.known.seq <= parent
}
