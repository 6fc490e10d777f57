import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { EventEncoded } from "../contract/event.ts"
import type { HistoryRecord } from "../contract/history.ts"
import { readLines } from "../harness/read-lines.ts"
import { judge } from "../history/judge.ts"
import { parseRecord, toNdjson } from "../history/ndjson.ts"
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

/** The measurements shown by `gauntlet bench`: from small to large, to show that time grows as length does. */
export const benchJudge = (): ReadonlyArray<JudgeMeasurement> => {
  measureJudge(20_000)
  return [10_000, 100_000, 1_000_000, 3_000_000].map(measureJudge)
}

/** Seconds that it takes to read a history of so many operations from its file, apart from judging it. */
export const measureReading = async (
  operations: number,
): Promise<{ readonly seconds: number; readonly fileMb: number }> => {
  const directory = mkdtempSync(join(tmpdir(), "gauntlet-bench-"))
  try {
    const file = join(directory, "history.ndjson")
    const out = openSync(file, "w")
    for (const record of healthyHistory(operations)) writeSync(out, toNdjson([record]))
    closeSync(out)
    const began = performance.now()
    for await (const line of readLines(file)) {
      const record = parseRecord(line)
      if (typeof record === "string") throw new Error(record)
    }
    return { seconds: (performance.now() - began) / 1000, fileMb: statSync(file).size / 1e6 }
  } finally {
    rmSync(directory, { recursive: true })
  }
}
