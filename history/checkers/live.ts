import type { MakeChecker, Report } from "../checker.ts"
import { argue, at, eventsOf, records, seconds, whose } from "../explain.ts"
import { earliestAckPast } from "../model/life.ts"
import type { Model } from "../model/model.ts"
import type { Operation } from "../model/operation.ts"

/**
 * A live pull that is open and undisturbed gives what was acknowledged within the delivery time, and an item that
 * says more is followed. Judged when it ends or is asked to; what arrives late is forgiven. After a disturbance it
 * has the detection or recovery time, whichever is longer, before the delivery time counts.
 */
export const live: MakeChecker = () => {
  const judgeOp = (number: number, t: number, model: Model, report: Report): void => {
    const op = model.open.get(number)
    // A client that has ended owes nothing more, however late its pull comes to its own end.
    if (op?.f === "live" && op.interruptI === -1 && op.client.endI < op.i) judgeLive(op, t, model, report)
  }
  return {
    names: ["silent-live", "page-info-lie"],
    on: {
      interrupt: (record, model, report) => judgeOp(record.op, record.t, model, report),
      interrupted: (record, model, report) => judgeOp(record.op, record.t, model, report),
      ok: (record, model, report) => judgeOp(record.op, record.t, model, report),
      refused: (record, model, report) => judgeOp(record.op, record.t, model, report),
      "client-end": (record, model, report) => {
        for (const op of model.lives) if (op.client.id === record.client) judgeOp(op.op, record.t, model, report)
      },
      life: (record, model, report) => {
        if (record.phase !== "start") return
        for (const op of model.lives) if (op.store.name === record.store) judgeOp(op.op, record.t, model, report)
      },
    },
    finish: (model, report) => {
      for (const op of model.lives) judgeOp(op.op, model.nowT, model, report)
    },
  }
}

const judgeLive = (op: Operation, endT: number, model: Model, report: Report): void => {
  const { store, client, pull } = op
  if (!store.isCurrent(op) || store.life.unsure || op.rejected || client.revokedI !== -1 || client.rejected) return
  if (model.paused.has(op.op)) return
  const { deliveryMs, detectionMs, recoveryMs } = model.declared
  const disturbedT = model.disturbances.quietSinceT(client.id)
  const calmT = Math.max(op.t, disturbedT + Math.max(detectionMs, recoveryMs) * 1e6)
  const overdue = (sinceT: number) => endT - Math.max(sinceT, calmT) > deliveryMs * 1e6
  const { last, info, lastI, lastT } = pull!
  const ack = store.isPosition(op.cursor) ? earliestAckPast(store.life, last) : undefined
  if (ack !== undefined && overdue(ack.endT)) {
    const given = last === op.cursor ? "given nothing" : `given nothing after event ${last}`
    report(
      "silent-live",
      records(ack.i, ack.endI, op.i, lastI),
      () =>
        argue(
          `${whose(op)}, open since ${seconds(op.t)}, had ${given} by ${seconds(endT)}`,
          `the backend had acknowledged ${eventsOf(ack.batch)} to client ${ack.client.id} at ${seconds(ack.endT)}`,
          `it kept silent for longer than ${deliveryMs} ms`,
        ),
      { store },
    )
  } else if (info !== undefined && info !== "NoMore" && overdue(lastT)) {
    report(
      "page-info-lie",
      records(op.i, lastI),
      () =>
        argue(
          `${at(op, lastT)} gave an item that says more is coming`,
          `nothing came until ${seconds(endT)}, longer than ${deliveryMs} ms`,
          "its reader waits for what does not come",
        ),
      { store, timed: true },
    )
  }
}
