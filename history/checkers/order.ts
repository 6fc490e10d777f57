import type { RecordedEvent, RecordOf } from "../../contract/history.ts"
import type { MakeChecker, Report } from "../checker.ts"
import { argue, at, knewSlot, knewSlotI, position, records, seconds, whose } from "../explain.ts"
import type { Hole, Operation } from "../model/operation.ts"
import { findPush, type Slot } from "../model/slot.ts"
import type { StoreModel } from "../model/store-model.ts"

/**
 * Whatever a pull gives is the chain after its cursor: each event stands on the one before, none is left out, none
 * comes twice, none comes late. What was left out and came later is out of order, so a hole is told at the end.
 */
export const order: MakeChecker = () => ({
  names: ["cursor-skip", "gap", "reordered", "duplicate", "live-join"],
  on: {
    page: (record, model, report) => {
      const op = model.open.get(record.op)
      // A cursor that the log is not known to have may be another log's: what follows it cannot be told.
      if (op?.pull === undefined || !op.store.isCurrent(op) || !op.store.isPosition(op.cursor)) return
      const walk = new Walk(op, record, report)
      let { last } = op.pull
      for (let n = 0; n < record.events.length; n++) {
        const event = record.events[n]!
        if (event.parentSeqNum !== last || event.seqNum <= last) walk.step(event, last, op.pull.delivered + n === 0)
        if (event.seqNum > last) last = event.seqNum
      }
    },
    truth: (record, model, report) => stored(record, model.store(record.store), report),
    ok: (record, model, report) => tellHoles(model.open.get(record.op), report),
    refused: (record, model, report) => tellHoles(model.open.get(record.op), report),
    indefinite: (record, model, report) => tellHoles(model.open.get(record.op), report),
    interrupted: (record, model, report) => tellHoles(model.open.get(record.op), report),
  },
  finish: (model, report) => {
    for (const op of model.open.values()) tellHoles(op, report)
  },
})

/** Looks at the events of one page that do not stand on the one before them. */
class Walk {
  readonly op: Operation
  readonly page: RecordOf<"page">
  readonly report: Report

  constructor(op: Operation, page: RecordOf<"page">, report: Report) {
    this.op = op
    this.page = page
    this.report = report
  }

  step(event: RecordedEvent, last: number, first: boolean): void {
    const { op, page } = this
    const { store } = op
    const { seqNum, parentSeqNum } = event
    // An event with altered values is told as such.
    const slot = store.slots.get(seqNum)
    if (slot === undefined || findPush(slot, event) === undefined) return
    if (seqNum <= last) return this.again(event, last)
    // Data that was deleted beneath the backend may have left it a log with holes.
    if (store.life.unsure) return
    if (parentSeqNum < last) return this.branches(event, last)
    const joining = this.joining(last + 1, parentSeqNum)
    const { i, t } = page
    ;(op.pull!.holes ??= []).push({ after: last, upTo: parentSeqNum, next: seqNum, i, t, first, joining })
  }

  /** A live pull goes over from history to live until its first page with events after `NoMore`. */
  private joining(from: number, to: number): boolean {
    const { f, pull, known } = this.op
    if (f !== "live" || pull!.livePages > 0) return false
    return pull!.noMoreI !== -1 || (to > known.seq && from > 0)
  }

  /** An event at or before the last one: filled in late, or repeated. */
  private again(event: RecordedEvent, last: number): void {
    const { op, page, report } = this
    const { seqNum } = event
    const { holes } = op.pull!
    const hole = holes?.find(({ after, upTo }) => seqNum > after && seqNum <= upTo)
    const joining = this.joining(seqNum, seqNum)
    const options = { store: op.store }
    const what = `${at(op, page.t)} returned event ${seqNum}`
    if (hole !== undefined) {
      op.pull!.holes = holes!.filter((other) => other !== hole)
      const grounds = `it had already returned event ${hole.next} at ${seconds(hole.t)}`
      report(
        joining || hole.joining ? "live-join" : "reordered",
        records(hole.i, page.i),
        () => argue(what, grounds, joining || hole.joining ? joined : "it returned events out of order"),
        options,
      )
    } else if (seqNum <= op.cursor) {
      report(
        "duplicate",
        records(op.i, page.i),
        () => argue(what, `it had begun after event ${op.cursor}`, "it repeated what its reader has"),
        options,
      )
    } else {
      report(
        joining ? "live-join" : "duplicate",
        records(op.pull!.lastI, page.i),
        () =>
          argue(what, `it had already returned up to event ${last}`, joining ? repeated : "it returned an event twice"),
        options,
      )
    }
  }

  /** An event that stands on one which already has a successor. */
  private branches({ seqNum, parentSeqNum }: RecordedEvent, last: number): void {
    const { op, page } = this
    this.report(
      "gap",
      records(op.pull!.lastI, page.i),
      () =>
        argue(
          `${at(op, page.t)} returned event ${seqNum}, which stands on ${position(parentSeqNum)}`,
          `event ${last} had come after ${position(parentSeqNum)} before`,
          "the log is not one chain",
        ),
      { store: op.store },
    )
  }
}

const joined = "it lost the order where history goes over to live"
const repeated = "it repeated an event where history goes over to live"

/** Tells what a pull left out and never gave. */
const tellHoles = (op: Operation | undefined, report: Report): void => {
  if (op?.pull?.holes === undefined) return
  for (const hole of op.pull.holes) tellHole(op, hole, report)
}

const tellHole = (op: Operation, hole: Hole, report: Report): void => {
  const { store } = op
  const missing = store.proven(hole.upTo)
  const knownBefore = hole.first && op.cursor !== 0 && missing !== undefined && wasKnown(missing, op.i)
  const name = knownBefore ? "cursor-skip" : hole.joining ? "live-join" : "gap"
  const from = hole.first ? ` from the cursor at ${position(hole.after)}` : ""
  const claim = `${whose(op)}${from} at ${seconds(hole.t)} returned event ${hole.next} without event ${hole.upTo}`
  const [grounds, because] =
    missing === undefined || knewSlotI(missing) === -1
      ? [`event ${hole.next} stands on event ${hole.upTo}`, -1]
      : [knewSlot(missing), knewSlotI(missing)]
  const conclusion =
    name === "live-join"
      ? "it lost an event where history goes over to live"
      : missing?.ack === undefined
        ? "the pull skipped an event"
        : "the pull skipped an acknowledged event"
  report(name, records(because, op.i, hole.i), () => argue(claim, grounds, conclusion), { store })
}

/** Whether a position was acknowledged or shown before a record. */
const wasKnown = (slot: Slot, i: number): boolean =>
  (slot.ack !== undefined && slot.ack.endI < i) || (slot.seenI !== -1 && slot.seenI < i)

/** The final log is one ascending chain from the root. The first place where it is not is told. */
const stored = (record: RecordOf<"truth">, store: StoreModel, report: Report): void => {
  let last = 0
  for (const event of record.events) {
    const { seqNum, parentSeqNum } = event
    const slot = store.slots.get(seqNum)
    const broken = seqNum <= last || (parentSeqNum !== last && !store.life.unsure)
    if (broken && slot !== undefined && findPush(slot, event) !== undefined) {
      const late = parentSeqNum > last && record.events.some((other) => other.seqNum === parentSeqNum)
      const name = seqNum === last ? "duplicate" : seqNum < last || late ? "reordered" : "gap"
      const before = last
      report(
        name,
        records(record.i),
        () =>
          argue(
            `the final log at ${seconds(record.t)} has event ${seqNum}, which stands on ${position(parentSeqNum)}`,
            `${position(before)} comes before it there`,
            { duplicate: "it is there twice", reordered: "the log is out of order", gap: "the log is not one chain" }[
              name
            ],
          ),
        { store },
      )
      return
    }
    if (seqNum > last) last = seqNum
  }
}
