import type { RecordOf } from "../../contract/history.ts"
import type { MakeChecker, Report } from "../checker.ts"
import { argue, at, knewSlot, records, seconds } from "../explain.ts"
import type { Life } from "../model/life.ts"
import type { Model } from "../model/model.ts"
import type { Slot } from "../model/slot.ts"
import type { StoreModel } from "../model/store-model.ts"

/**
 * What was acknowledged is in the final log, and in every whole pull that began after the acknowledgement unless a
 * later one shows it again (then that pull was only stale). What anyone was shown is in the final log too.
 */
export const durability: MakeChecker = () => ({
  names: ["lost-ack", "non-monotonic"],
  on: {
    truth: (record, model, report) => {
      const store = model.store(record.store)
      if (store.changingI === -1) missingFromTruth(record, store, model, report)
    },
  },
  lifeEnds: (store, _model, report) => missingFromPull(store, report),
})

const missingFromTruth = (record: RecordOf<"truth">, store: StoreModel, model: Model, report: Report): void => {
  const there = model.truthBySeq(record)
  const source = record.source === "inspect" ? "the log read from storage" : "the log pulled by a fresh client"
  const startI = store.truthStartI(record)
  const lost = (slot: Slot) => `${source} at ${seconds(record.t)} has no event ${slot.seq}`
  for (const slot of store.slots.values()) {
    if (slot.life === -1 || !store.holds(slot) || there.has(slot.seq)) continue
    if (slot.ack !== undefined && slot.ack.endI < startI) {
      report(
        "lost-ack",
        records(slot.ack.i, slot.ack.endI, record.i),
        () => argue(lost(slot), knewSlot(slot), "an acknowledged event was lost"),
        { store },
      )
    } else if (slot.seenI !== -1 && slot.seenI < startI && !mayBeCached(store.life, slot)) {
      report(
        "non-monotonic",
        records(slot.seenI, record.i),
        () => argue(lost(slot), knewSlot(slot), "an event that had been shown is gone"),
        { store },
      )
    }
  }
}

/** A backend whose data was wiped beneath it may still show what it remembers. */
const mayBeCached = (life: Life, slot: Slot): boolean => life.unsure && slot.push.i < life.doneI

const missingFromPull = (store: StoreModel, report: Report): void => {
  const short = store.life.shortPull
  if (short === undefined) return
  const { op, i, t, last } = short
  for (const slot of store.slots.values()) {
    if (slot.seq <= last || slot.life === -1 || !store.holds(slot)) continue
    if (slot.ack === undefined || slot.ack.endI > op.i || slot.lastI >= i) continue
    report(
      "lost-ack",
      records(slot.ack.i, slot.ack.endI, op.i, i),
      () =>
        argue(
          `${at(op, t)} returned the whole log without event ${slot.seq}`,
          [knewSlot(slot), "nothing has shown it since"],
          "an acknowledged event was lost",
        ),
      { store },
    )
  }
}
