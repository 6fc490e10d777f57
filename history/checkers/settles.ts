import type { RecordOf } from "../../contract/history.ts"
import type { MakeChecker, Report } from "../checker.ts"
import { argue, at, records, seconds } from "../explain.ts"
import type { Model } from "../model/model.ts"
import type { Operation } from "../model/operation.ts"

/**
 * Every operation ends with a value or a failure within the deadline. One that a disturbance met is given the
 * deadline from the disturbance's end; while that stands, nothing is said. A reader that stands still is one.
 */
export const settles: MakeChecker = () => {
  const waiting = new Map<number, { readonly op: Operation; readonly stuck: RecordOf<"stuck"> }>()

  const judgeLate = (number: number, t: number, model: Model, report: Report): void => {
    const late = waiting.get(number)
    if (late === undefined) return
    waiting.delete(number)
    // A pull whose reader stands still has nobody to give its items to.
    if (model.paused.has(number)) return
    const disturbedUntilT = Math.max(late.op.t, model.disturbances.quietSinceT(late.op.client.id))
    judgeStuck(late.op, late.stuck, t, model, report, disturbedUntilT)
  }
  const onEnd = (record: { readonly op: number; readonly t: number }, model: Model, report: Report) =>
    judgeLate(record.op, record.t, model, report)

  return {
    names: ["stuck", "defect"],
    on: {
      stuck: (record, model, report) => {
        const op = model.open.get(record.op)
        // Nobody is left to be answered where the client has crashed since.
        if (op === undefined || op.client.crashI > op.i) return
        const undisturbed = model.disturbances.quietSinceT(op.client.id) <= op.t && !model.paused.has(record.op)
        if (undisturbed) judgeStuck(op, record, record.t, model, report)
        else waiting.set(record.op, { op, stuck: record })
      },
      // A live pull has no end: it is well again when it has caught up.
      page: (record, model, report) => {
        if (waiting.size > 0 && record.info === "NoMore" && waiting.get(record.op)?.op.f === "live") {
          judgeLate(record.op, record.t, model, report)
        }
      },
      ok: onEnd,
      refused: onEnd,
      indefinite: onEnd,
      interrupted: onEnd,
      "client-end": (record, model, report) => {
        for (const { op } of waiting.values()) {
          if (op.client.id === record.client) judgeLate(op.op, record.t, model, report)
        }
      },
      defect: (record, model, report) => {
        const op = record.op === undefined ? undefined : model.open.get(record.op)
        const where =
          op !== undefined
            ? at(op)
            : record.client === undefined
              ? "something outside any operation"
              : `client ${record.client}`
        report(
          "defect",
          records(op?.i ?? -1, record.i),
          () =>
            argue(
              `${where} threw at ${seconds(record.t)}: ${record.message}`,
              "errors are typed, and nothing else may be thrown",
              "this is a defect",
            ),
          op === undefined ? {} : { store: op.store },
        )
      },
    },
    finish: (model, report) => {
      for (const number of waiting.keys()) judgeLate(number, model.nowT, model, report)
    },
  }
}

/** It had not ended at `untilT`; `disturbedUntilT` is when the last disturbance that it met was over. */
const judgeStuck = (
  op: Operation,
  stuck: RecordOf<"stuck">,
  untilT: number,
  model: Model,
  report: Report,
  disturbedUntilT?: number,
): void => {
  const { deadlineMs } = model.declared
  // A pull may have been reading: its deadline runs from one item to the next, and the record says for how long.
  const sinceT = disturbedUntilT ?? stuck.t - stuck.afterMs * 1e6
  const waitedMs = (untilT - sinceT) / 1e6
  if (disturbedUntilT !== undefined && waitedMs <= deadlineMs) return
  const waits = stuck.outstanding.length === 0 ? [] : [`it was waiting for ${stuck.outstanding.slice(0, 3).join(", ")}`]
  report(
    "stuck",
    records(op.i, stuck.i),
    () =>
      argue(
        `${at(op)} had not ended at ${seconds(untilT)}`,
        [
          `${Math.round(waitedMs)} ms had passed${disturbedUntilT === undefined ? "" : " since the last disturbance"}`,
          ...waits,
        ],
        `it did not settle within ${deadlineMs} ms`,
      ),
    { store: op.store },
  )
}
