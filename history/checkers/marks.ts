import type { MakeChecker, Report } from "../checker.ts"
import { argue, knewSlot, records } from "../explain.ts"
import type { Operation } from "../model/operation.ts"
import { findPush, type Slot } from "../model/slot.ts"
import type { StoreModel } from "../model/store-model.ts"
import { markOf } from "../same-event.ts"

/**
 * An event keeps its mark when a client rebases it, so one mark at two positions is one event stored twice: unless
 * the client itself pushed it again while its first attempt was acknowledged or could still land.
 */
export const marks: MakeChecker = () => ({
  names: ["duplicate"],
  on: {},
  lifeEnds: (store, _model, report) => {
    // A client pushes an event again only when its first attempt was not acknowledged: in a long healthy log there
    // are few such positions, and no mark of the others needs to be read where there are none.
    const doubtful = new Map<string, Slot>()
    for (const slot of shown(store)) {
      if (pushOf(slot)?.end === "ok") continue
      const mark = markOf(slot.value!)
      if (mark !== undefined && !doubtful.has(mark)) doubtful.set(mark, slot)
    }
    if (doubtful.size === 0) return
    for (const slot of shown(store)) {
      const mark = markOf(slot.value!)
      const other = mark === undefined ? undefined : doubtful.get(mark)
      if (other !== undefined && other !== slot) judgeTwo(slot, other, mark!, store, report)
    }
  },
})

/** Positions that anyone was shown in this life, or that storage has. */
function* shown(store: StoreModel): Generator<Slot> {
  for (const slot of store.slots.values()) {
    if (slot.life !== -1 && store.holds(slot) && (slot.seenI !== -1 || slot.truthI !== -1)) yield slot
  }
}

const pushOf = (slot: Slot): Operation | undefined => slot.ack ?? findPush(slot, slot.value!)

const judgeTwo = (slot: Slot, other: Slot, mark: string, store: StoreModel, report: Report): void => {
  const [here, there] = [pushOf(slot), pushOf(other)]
  if (here === undefined || there === undefined || here === there || isClientsOwn(here, there)) return
  const shownI = (one: Slot) => (one.seenI === -1 ? one.truthI : one.seenI)
  report(
    "duplicate",
    records(there.i, here.i, shownI(other), shownI(slot)),
    () =>
      argue(
        `the log has event ${other.seq} and event ${slot.seq} with one mark, ${mark}`,
        [
          knewSlot(other),
          knewSlot(slot),
          `client ${here.client.id} pushed that event to one position only once it could no longer be stored at the other`,
        ],
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
