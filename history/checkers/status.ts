import type { HistoryRecord } from "../../contract/history.ts"
import type { MakeChecker, Report } from "../checker.ts"
import { argue, records, seconds } from "../explain.ts"
import type { Model } from "../model/model.ts"
import type { Operation } from "../model/operation.ts"

/** Operations of one client under one value of its `isConnected`, all ending the same way. */
interface Run {
  readonly connected: boolean
  readonly statusI: number
  readonly statusT: number
  /** The first and the last end that contradicts the status. */
  firstT: number
  firstI: number
  count: number
}

/**
 * `isConnected` does not stay true beyond the detection time while everything fails or hangs, nor false beyond the
 * recovery time while everything succeeds. Clear evidence only: at least three operations in a row, and a status
 * that did not change from before the first to after the last.
 */
export const status: MakeChecker = () => {
  const runs = new Map<string, Run>()
  const stores = new Map<string, string | undefined>()

  const judgeEnd = (record: HistoryRecord & { readonly op: number }, model: Model, report: Report): void => {
    const op = model.open.get(record.op)
    if (op === undefined || (op.f !== "push" && op.f !== "pull")) return
    const run = runs.get(op.client.id)
    if (run === undefined || stores.get(op.client.id) !== op.store.name) return
    const works = worked(record)
    if (works === undefined) return
    if (works === run.connected || op.i < run.statusI || (!run.connected && !op.client.connected)) {
      run.count = 0
      return
    }
    if (run.count === 0) {
      run.firstT = record.t
      run.firstI = record.i
    }
    run.count += 1
    if (run.count >= runLength) judgeRun(run, op, record, model, report)
  }

  return {
    names: ["status-lie"],
    on: {
      client: ({ client, store }) => {
        // `isConnected` is recorded by client alone: one with two stores open has two of them.
        stores.set(client, !stores.has(client) || stores.get(client) === store ? store : undefined)
        runs.delete(client)
      },
      "client-end": ({ client }) => void runs.delete(client),
      status: ({ client, connected, i, t }) => {
        if (runs.get(client)?.connected === connected) return
        runs.set(client, { connected, statusI: i, statusT: t, firstT: 0, firstI: -1, count: 0 })
      },
      ok: judgeEnd,
      refused: judgeEnd,
      indefinite: judgeEnd,
      stuck: judgeEnd,
    },
  }
}

const runLength = 3

/**
 * Whether an end shows that the backend was reached; undefined when it shows neither. A refusal is a success here,
 * but not one of the connection itself.
 */
const worked = (record: HistoryRecord): boolean | undefined => {
  if (record.k === "ok") return true
  if (record.k === "refused") {
    return record.error.tag === "PayloadRejected" || record.error.tag === "BackendIdMismatch" ? undefined : true
  }
  if (record.k === "stuck") return false
  return record.k === "indefinite" && record.error.tag === "IsOffline" ? false : undefined
}

const judgeRun = (run: Run, op: Operation, record: HistoryRecord, model: Model, report: Report): void => {
  const { detectionMs, recoveryMs } = model.declared
  const limitMs = run.connected ? detectionMs : recoveryMs
  // The last operation must have begun after the time was up: it saw nothing of the time before.
  if (op.t - run.firstT <= limitMs * 1e6) return
  // While storage is down the connection may be sound and everything fail nevertheless.
  if (run.connected && model.disturbances.outage()) return
  const { count, firstI, firstT } = run
  report(
    "status-lie",
    records(run.statusI, firstI, op.i, record.i),
    () =>
      argue(
        `client ${op.client.id}'s isConnected has been ${run.connected} since ${seconds(run.statusT)}`,
        `from ${seconds(firstT)} to ${seconds(record.t)} its last ${count} pushes and pulls all ${run.connected ? "failed" : "succeeded"}`,
        `it has not told the truth for longer than ${limitMs} ms`,
      ),
    { store: op.store },
  )
  run.count = 0
}
