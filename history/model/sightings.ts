import type { RecordedEvent, RecordOf } from "../../contract/history.ts"
import type { Operation, PullProgress } from "./operation.ts"
import { findPush, type Slot } from "./slot.ts"
import type { StoreModel } from "./store-model.ts"

/** Takes in a page of a pull: what it shows of the log, if that surely is the current one, and how far the pull is. */
export const deliver = (op: Operation, pull: PullProgress, record: RecordOf<"page">): void => {
  const { store, client } = op
  const { events } = record
  if (store.isCurrent(op)) {
    let furthest = 0
    for (let n = 0; n < events.length; n++) {
      const event = events[n]!
      if (show(op, event, record) && event.seqNum > furthest) furthest = event.seqNum
    }
    if (furthest > 0) makeKnown(op, furthest, record)
    if (furthest > 0 && op.f === "live" && op.i > client.memoryI) client.knows = store.life.index
  }
  for (let n = 0; n < events.length; n++) {
    const { seqNum } = events[n]!
    if (seqNum > pull.last) pull.last = seqNum
  }
  pull.pages += 1
  if (pull.delivered === 0 && events.length > 0) pull.firstI = record.i
  pull.delivered += events.length
  pull.lastI = record.i
  pull.lastT = record.t
  pull.info = record.info
  if (pull.noMoreI !== -1 && events.length > 0) pull.livePages += 1
  if (record.info === "NoMore" && pull.noMoreI === -1) pull.noMoreI = record.i
}

/** Takes in the final log of a store. It makes no event known: storage may be ahead of what pulls show. */
export const showTruth = (store: StoreModel, record: RecordOf<"truth">): void => {
  if (store.changingI !== -1) return
  if (record.source === "pull") store.lastPulledTruthI = record.i
  for (const event of record.events) {
    const slot = provenBy(store, event)
    if (slot === undefined) continue
    slot.lastI = record.i
    if (slot.truthI === -1) slot.truthI = record.i
  }
}

/** Notes a delivered event; false when nobody pushed exactly this. */
const show = (op: Operation, event: RecordedEvent, record: RecordOf<"page">): boolean => {
  const slot = provenBy(op.store, event)
  if (slot === undefined) return false
  slot.lastI = record.i
  if (slot.seenI !== -1) return true
  slot.seenBy = op
  slot.seenI = record.i
  slot.seenT = record.t
  return true
}

/** The position of an event that is seen, with a value proven for it: this event's, unless it had one. */
const provenBy = (store: StoreModel, event: RecordedEvent): Slot | undefined => {
  const slot = store.slots.get(event.seqNum)
  if (slot === undefined || (slot.life !== -1 && store.holds(slot))) return slot
  if (findPush(slot, event) === undefined) return undefined
  store.prove(slot, event)
  return slot
}

const makeKnown = ({ store, client }: Operation, seq: number, record: RecordOf<"page">): void => {
  const { life } = store
  if (client.seenLife !== life.index) {
    client.seenLife = life.index
    client.seenSeq = 0
  }
  if (seq > client.seenSeq) {
    client.seenSeq = seq
    client.seenI = record.i
    client.seenT = record.t
  }
  if (seq > life.known.seq) {
    life.known = { seq, how: "delivered", client: client.id, i: record.i, t: record.t }
  }
}
