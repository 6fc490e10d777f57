import type { EventEncoded } from "../contract/event.ts"
import { makeRecorder } from "../history/recorder.ts"

/** One measurement of the recorder. */
export interface RecorderMeasurement {
  readonly operation: string
  /** Time that passed, and time on the processor: on a busy machine only the latter tells. */
  readonly microsecondsEach: number
  readonly cpuMicrosecondsEach: number
}

const event: EventEncoded = {
  seqNum: 1,
  parentSeqNum: 0,
  name: "gauntlet.event",
  args: { mark: "a-1", text: "a line of chat", n: 1 },
  clientId: "a",
  sessionId: "session",
}
const batch = [event]
const item = { events: [{ event, metadata: undefined }], pageInfo: { _tag: "NoMore" } }

const recordings = 50_000
const rounds = 7

const medianOf = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** Median over rounds, each with a recorder of its own, of what one operation costs. */
const measure = (
  operation: string,
  record: (recorder: ReturnType<typeof makeRecorder>) => void,
): RecorderMeasurement => {
  const each: Array<number> = []
  const cpuEach: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    const recorder = makeRecorder({ nowNs: () => performance.now() * 1e6 })
    globalThis.gc?.()
    const cpu = process.cpuUsage()
    const began = performance.now()
    for (let n = 0; n < recordings; n++) record(recorder)
    each.push(((performance.now() - began) * 1000) / recordings)
    const { user, system } = process.cpuUsage(cpu)
    cpuEach.push((user + system) / recordings)
  }
  return { operation, microsecondsEach: medianOf(each), cpuMicrosecondsEach: medianOf(cpuEach) }
}

/** What recording costs, shown by `gauntlet bench`. Budget: under 2 µs for a push of one event with its answer. */
export const benchRecorder = (): ReadonlyArray<RecorderMeasurement> => [
  measure("push of one event, acknowledged", (recorder) => {
    const op = recorder.invoke({ client: "a", store: "s", f: "push", batch })
    recorder.ok(op)
  }),
  measure("one page of one event", (recorder) => {
    recorder.page(0, item)
  }),
]

if (import.meta.main) {
  for (const { operation, microsecondsEach, cpuMicrosecondsEach } of benchRecorder()) {
    console.log(
      `recorder: ${operation}: ${microsecondsEach.toFixed(2)} µs (${cpuMicrosecondsEach.toFixed(2)} µs of CPU)`,
    )
  }
}
