import type { RecordedEvent, RecordOf } from "../../contract/history.ts"
import type { MakeChecker, Report } from "../checker.ts"
import { argue, at, eventsOf, pushed, records, seconds } from "../explain.ts"
import type { CutBatch } from "../model/life.ts"
import type { Model } from "../model/model.ts"
import { markOf } from "../same-event.ts"
import type { Operation } from "../model/operation.ts"
import { findPush, offers, pushesAt } from "../model/slot.ts"
import type { StoreModel } from "../model/store-model.ts"

/**
 * A batch is in the log whole or not at all. A pull that says `NoMore` within a batch is torn when the rest never
 * appears, and a lie about the rest when it does.
 */
export const batches: MakeChecker = () => ({
  names: ["torn-batch", "page-info-lie"],
  on: {
    truth: (record, model, report) => {
      const store = model.store(record.store)
      if (store.changingI === -1) tornInTruth(record, store, model, report)
    },
    page: (record, model) => {
      if (record.info !== "NoMore") return
      const op = model.open.get(record.op)
      if (op?.pull === undefined || !op.store.isCurrent(op)) return
      const last = record.events.at(-1)
      const slot = last === undefined ? undefined : op.store.slots.get(last.seqNum)
      if (last === undefined || slot === undefined) return
      const { life } = op.store
      if (life.cuts.length >= cutsKept) return
      if (slot.endsIn !== undefined && endsWith(slot.endsIn, last)) return
      slot.endsIn = pushesAt(slot).find((push) => endsWith(push, last))
      if (slot.endsIn === undefined && findPush(slot, last) !== undefined) {
        life.cuts.push({ op, i: record.i, t: record.t, last: last.seqNum })
      }
    },
  },
  lifeEnds: (store, _model, report) => {
    for (const cut of store.life.cuts) judgeCut(cut, store, report)
  },
})

/**
 * Whether two recorded events stand for one, even if their arguments were altered on the way: that is no absence, and
 * the checker of values speaks of it. A mark tells two events of one client at one position apart.
 */
const sameButArgs = (a: RecordedEvent, b: RecordedEvent): boolean =>
  a.seqNum === b.seqNum &&
  a.parentSeqNum === b.parentSeqNum &&
  a.name === b.name &&
  a.clientId === b.clientId &&
  a.sessionId === b.sessionId &&
  markOf(a) === markOf(b)

/** Enough to tell from; the rest repeats it. */
const cutsKept = 100

const endsWith = (push: Operation, event: RecordedEvent): boolean => {
  const last = push.batch.at(-1)!
  return last.seqNum === event.seqNum && sameButArgs(last, event)
}

const tornInTruth = (record: RecordOf<"truth">, store: StoreModel, model: Model, report: Report): void => {
  const there = model.truthBySeq(record)
  const whole = new Map<Operation, boolean>()
  const isThere = (event: RecordedEvent): boolean => {
    const stored = there.get(event.seqNum)
    return stored !== undefined && sameButArgs(stored, event)
  }
  let lastWhole: Operation | undefined
  const isWhole = (push: Operation): boolean => {
    if (push === lastWhole) return true
    let known = whole.get(push)
    if (known === undefined) {
      known = push.batch.every(isThere)
      whole.set(push, known)
    }
    if (known) lastWhole = push
    return known
  }
  // What was being stored while the data was deleted beneath the backend may have been torn by that.
  const isExcused = (push: Operation) => isWhole(push) || (store.life.unsure && push.life !== store.life.index)
  const told = new Set<Operation>()
  for (const event of record.events) {
    const slot = store.slots.get(event.seqNum)
    if (slot === undefined || (slot.more === undefined && isWhole(slot.push))) continue
    const sources = pushesAt(slot).filter((push) => push.end !== "refused" && offers(push, event))
    const torn = sources[0]
    if (torn === undefined || told.has(torn) || sources.some(isExcused)) continue
    told.add(torn)
    const missing = torn.batch.find((other) => !isThere(other))!
    report(
      "torn-batch",
      records(torn.i, torn.endI, record.i),
      () =>
        argue(
          `the final log at ${seconds(record.t)} has event ${event.seqNum} and not event ${missing.seqNum}`,
          `${pushed(torn)} as one batch`,
          "a batch was stored in part",
        ),
      { store },
    )
  }
}

const judgeCut = ({ op, i, t, last }: CutBatch, store: StoreModel, report: Report): void => {
  const slot = store.proven(last)
  if (slot === undefined) return
  const sources = pushesAt(slot).filter((push) => offers(push, slot.value!))
  const source = sources[0]
  if (source === undefined) return
  const claim = `${at(op, t)} said NoMore after event ${last}`
  const rest = (push: Operation) => push.batch.find(({ seqNum }) => seqNum > last)
  // A batch that was no chain has no rest by number: what is wrong with it is its admission.
  if (rest(source) === undefined) return
  const appeared = sources.some((push) => {
    const next = rest(push)
    const after = next === undefined ? undefined : store.proven(next.seqNum)
    return after !== undefined && sameButArgs(after.value!, next!) && (after.ack === undefined || after.lastI !== -1)
  })
  const because = `${pushed(source)} as one batch of ${eventsOf(source.batch)}`
  if (appeared) {
    report(
      "page-info-lie",
      records(source.i, op.i, i),
      () => argue(claim, because, "the log can never have ended there"),
      { store },
    )
  } else {
    report(
      "torn-batch",
      records(source.i, source.endI, op.i, i),
      () => argue(claim, [because, `the rest, from event ${rest(source)?.seqNum}, never appeared`], "a batch was torn"),
      { store },
    )
  }
}
