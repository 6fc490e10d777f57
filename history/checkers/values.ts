import type { RecordedEvent } from "../../contract/history.ts"
import type { MakeChecker, Report } from "../checker.ts"
import { argue, at, knewSlot, knewSlotI, pushed, records, seconds } from "../explain.ts"
import type { Model } from "../model/model.ts"
import type { Operation } from "../model/operation.ts"
import { eventAt, findPush, type Slot } from "../model/slot.ts"
import type { MarkedPush, StoreModel } from "../model/store-model.ts"
import { differenceOf, markOf, sameEvent } from "../same-event.ts"

/** Where an event was seen: who says it, in words, and the record that shows it. */
interface Sighting {
  readonly who: () => string
  readonly i: number
  readonly t: number
  /** Whether it surely belongs to the store's current life. */
  readonly current: boolean
}

/**
 * Every event that anyone sees was pushed, with just these values, at just this position of just this store, and
 * a position has one value.
 */
export const values: MakeChecker = () => ({
  names: ["fork", "corrupted", "phantom", "store-bleed"],
  on: {
    page: (record, model, report) => {
      const op = model.open.get(record.op)
      if (op === undefined) return
      const { store } = op
      const current = store.isCurrent(op)
      for (let n = 0; n < record.events.length; n++) {
        const event = record.events[n]!
        if (current && isProven(store, event)) continue
        const who = () => `${at(op, record.t)} returned`
        judgeSighting(event, store, model, report, { who, i: record.i, t: record.t, current })
      }
    },
    truth: (record, model, report) => {
      const store = model.store(record.store)
      const current = store.changingI === -1
      const who = () =>
        `the ${record.source === "inspect" ? "storage" : "log pulled by a fresh client"} at ${seconds(record.t)} held`
      for (const event of record.events) {
        if (current && isProven(store, event)) continue
        judgeSighting(event, store, model, report, { who, i: record.i, t: record.t, current })
      }
    },
    ok: (record, model, report) => {
      const op = model.open.get(record.op)
      if (op === undefined || op.f !== "push" || !op.store.isCurrent(op) || op.store.life.unsure) return
      for (const event of op.batch) {
        const slot = op.store.proven(event.seqNum)
        if (slot === undefined || sameEvent(slot.value!, event)) continue
        report("fork", records(knewSlotI(slot), op.i, record.i), () => ackedOver(slot, event, op, record.t), {
          store: op.store,
        })
        return
      }
    },
  },
})

const isProven = (store: StoreModel, event: RecordedEvent): boolean => {
  const slot = store.slots.get(event.seqNum)
  return slot !== undefined && slot.life !== -1 && store.holds(slot) && sameEvent(slot.value!, event)
}

const judgeSighting = (event: RecordedEvent, store: StoreModel, model: Model, report: Report, seen: Sighting): void => {
  const slot = store.slots.get(event.seqNum)
  const push = slot === undefined ? undefined : findPush(slot, event)
  if (push === undefined) return judgeUnpushed(event, store, model, report, seen)
  if (!seen.current || store.life.unsure) return
  const proven = store.proven(event.seqNum)
  if (proven === undefined || sameEvent(proven.value!, event)) return
  report(
    "fork",
    records(knewSlotI(proven), push.i, seen.i),
    () =>
      argue(
        `${seen.who()} event ${event.seqNum} as ${pushed(push, "it")}`,
        `${knewSlot(proven)} with other values (${differenceOf(event, proven.value!)})`,
        `position ${event.seqNum} has two values`,
      ),
    { store },
  )
}

const ackedOver = (slot: Slot, event: RecordedEvent, op: Operation, t: number): string =>
  argue(
    `${at(op)} was acknowledged at ${seconds(t)} with event ${event.seqNum}`,
    `${knewSlot(slot)} with other values (${differenceOf(event, slot.value!)})`,
    `position ${event.seqNum} has two values`,
  )

/** Nobody pushed exactly this event to this position: it is another store's, an altered one, or nobody's. */
const judgeUnpushed = (
  event: RecordedEvent,
  store: StoreModel,
  model: Model,
  report: Report,
  { who, i }: Sighting,
): void => {
  const own = originIn(store, event)
  const foreign = own === undefined || !own.byMark ? foreignOrigin(event, store, model) : undefined
  const what = () => `${who()} event ${event.seqNum}`
  if (foreign !== undefined) {
    const { push } = foreign
    report(
      "store-bleed",
      records(push.i, i),
      () =>
        argue(
          `${what()} of store ${JSON.stringify(store.name)}`,
          `${pushed(push)} to store ${JSON.stringify(push.store.name)} and nobody pushed that event here`,
          "one store's event reached another",
        ),
      { store },
    )
  } else if (own !== undefined) {
    report(
      "corrupted",
      records(own.push.i, i),
      () =>
        argue(
          `${what()} with ${differenceOf(event, own.event)}`,
          pushed(own.push, `event ${own.event.seqNum}`),
          "the values of an event changed on the way",
        ),
      { store },
    )
  } else {
    report(
      "phantom",
      records(i),
      () =>
        argue(
          `${what()} (${event.name} of client ${event.clientId})`,
          "nobody had pushed it",
          "the event came from nowhere",
        ),
      { store },
    )
  }
}

interface Origin extends MarkedPush {
  readonly byMark: boolean
}

/** The push in this store that the event seems to stem from: by its mark, else by its position. */
const originIn = (store: StoreModel, event: RecordedEvent): Origin | undefined => {
  const mark = markOf(event)
  const marked = mark === undefined ? undefined : store.pushWithMark(mark)
  if (marked !== undefined) return { ...marked, byMark: true }
  const slot = store.slots.get(event.seqNum)
  return slot === undefined ? undefined : { push: slot.push, event: eventAt(slot.push, slot.seq)!, byMark: false }
}

/** A push in another store that has this very event, or one with this mark. */
const foreignOrigin = (event: RecordedEvent, store: StoreModel, model: Model): MarkedPush | undefined => {
  const mark = markOf(event)
  for (const other of model.stores.values()) {
    if (other === store) continue
    const marked = mark === undefined ? undefined : other.pushWithMark(mark)
    if (marked !== undefined) return marked
    const slot = other.slots.get(event.seqNum)
    const push = slot === undefined ? undefined : findPush(slot, event)
    if (push !== undefined) return { push, event }
  }
  return undefined
}
