import type { EventEncoded } from "../contract/event.ts"
import type { HistoryRecord } from "../contract/history.ts"
import { judge } from "../history/judge.ts"
import { makeRecorder } from "../history/recorder.ts"

/** One measurement of the judge. */
export interface JudgeMeasurement {
  /** Pushes, pulls and delivered events. */
  readonly operations: number
  readonly records: number
  /** Time that passed, and time on the processor (all threads): on a busy machine only the latter tells. */
  readonly seconds: number
  readonly cpuSeconds: number
  /** Heap after building the history, and at the end of judging it (garbage included), in MB. */
  readonly historyMb: number
  readonly peakMb: number
  /** Anomalies found: none, or the measurement is of something else. */
  readonly found: number
}

const clients = ["a", "b", "c", "d"]
const storeId = "bench"

const eventAt = (seqNum: number, clientId: string): EventEncoded => ({
  seqNum,
  parentSeqNum: seqNum - 1,
  name: "gauntlet.event",
  args: { mark: `${clientId}-${seqNum}`, text: "a line of chat", n: seqNum },
  clientId,
  sessionId: "session",
})

/**
 * A healthy history: four clients push in turn, every tenth push meets a rival and is refused first, everyone has
 * a live pull open, and now and then someone pulls a page. Batches of one, five and twenty events.
 */
export const healthyHistory = (operations: number): ReadonlyArray<HistoryRecord> => {
  let nowNs = 0
  const recorder = makeRecorder({ nowNs: () => (nowNs += 50_000) })
  const live = clients.map((client) => recorder.invoke({ client, store: storeId, f: "live" }))
  const item = (events: ReadonlyArray<EventEncoded>) => ({
    events: events.map((event) => ({ event: { ...event, args: { ...(event.args as object) } } })),
    pageInfo: { _tag: "NoMore" },
  })
  for (const op of live) recorder.page(op, item([]))
  const log: Array<EventEncoded> = []
  let count = clients.length
  for (let round = 0; count < operations; round++) {
    const client = clients[round % clients.length]!
    const size = round % 25 === 0 ? 20 : round % 5 === 0 ? 5 : 1
    const head = log.length
    const batch = Array.from({ length: size }, (_, n) => eventAt(head + 1 + n, client))
    const rival = round % 10 === 0 ? clients[(round + 1) % clients.length]! : undefined
    const push = recorder.invoke({ client, store: storeId, f: "push", batch })
    const lost =
      rival === undefined
        ? undefined
        : recorder.invoke({ client: rival, store: storeId, f: "push", batch: [eventAt(head + 1, rival)] })
    recorder.ok(push)
    log.push(...batch)
    if (lost !== undefined) recorder.failed(lost, { _tag: "ServerAhead", head: head + size, providedParent: head })
    for (const op of live) recorder.page(op, item(batch))
    count += (lost === undefined ? 1 : 2) + clients.length * size
    if (round % 50 !== 0) continue
    const cursor = Math.max(0, log.length - 100)
    const pull = recorder.invoke({ client, store: storeId, f: "pull", ...(cursor === 0 ? {} : { cursor }) })
    recorder.page(pull, item(log.slice(cursor)))
    recorder.ok(pull)
    count += 1 + log.length - cursor
  }
  recorder.truth(storeId, "inspect", log)
  return recorder.records()
}

/** Judges a healthy history of so many operations, from memory, on one core. */
export const measureJudge = (operations: number): JudgeMeasurement => {
  const history = healthyHistory(operations)
  globalThis.gc?.()
  const historyMb = process.memoryUsage().heapUsed / 1e6
  const cpu = process.cpuUsage()
  const began = performance.now()
  const { found } = judge(history)
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const cpuSeconds = (user + system) / 1e6
  const peakMb = process.memoryUsage().heapUsed / 1e6
  return { operations, records: history.length, seconds, cpuSeconds, historyMb, peakMb, found }
}

/** The measurements shown by `gauntlet bench`: 100,000 and 1,000,000 operations (budget for the latter: 2 s, 1 GB). */
export const benchJudge = (): ReadonlyArray<JudgeMeasurement> => {
  measureJudge(20_000)
  return [measureJudge(100_000), measureJudge(1_000_000)]
}

if (import.meta.main) {
  for (const { operations, records, seconds, cpuSeconds, historyMb, peakMb, found } of benchJudge()) {
    console.log(
      `judge: ${operations} operations (${records} records) in ${seconds.toFixed(2)} s (${cpuSeconds.toFixed(2)} s of CPU); ` +
        `heap ${historyMb.toFixed(0)} MB with the history, ${peakMb.toFixed(0)} MB at the end; ${found} found`,
    )
  }
}
