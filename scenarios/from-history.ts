import type { HistoryRecord, RecordedEvent, RecordOf } from "../contract/history.ts"
import { contractVersion } from "../contract/run.ts"
import { PlanFault } from "../contract/scenario-fault.ts"
import type { PlannedClient, PlannedFault, Step, StepsPlan } from "../contract/scenario.ts"
import { Result, Schema } from "effect"
import { judge } from "../history/judge.ts"
import { brokenClause } from "./broken-clause.ts"

type Invoke = RecordOf<"invoke">
type Bare = Omit<Step, "key" | "client">

const decodeFault = Schema.decodeUnknownResult(PlanFault)

/** Pauses of a client that are shorter come from the harness, in milliseconds. */
const leastWaitMs = 50
/** Events of fewer bytes are as large as the harness makes them. */
const leastSizeBytes = 1_000

const ms = (record: HistoryRecord): number => record.t / 1_000_000

/** A fault between its beginning and its end. */
interface Span {
  readonly fault: PlanFault
  /** The number of the record with which it began. */
  readonly from: number
  readonly fromMs: number
  readonly client?: string
  toMs?: number
}

/** What a client has done so far. */
interface Told {
  readonly client: PlannedClient
  readonly steps: Array<Step & { readonly at: number }>
  known: number
  restsSinceMs: number
}

const processFaults: Readonly<Record<string, PlanFault>> = {
  kill: { kind: "kill" },
  restart: { kind: "restart" },
  pause: { kind: "pause" },
  evict: { kind: "evict", sockets: "close" },
  hibernate: { kind: "evict", sockets: "hibernate" },
  deploy: { kind: "deploy" },
}
const ends: Readonly<Record<string, string>> = { start: "kill", resume: "pause" }
const lives = { wipe: { kind: "wipe" }, "wipe-beneath": { kind: "wipeBeneath" } } as const

/** Reads a record of a check into what its clients did, and which faults stood when. */
class Reading {
  readonly clients = new Map<string, Told>()
  readonly spans: Array<Span> = []
  private readonly stores = new Map<string, number>()
  private readonly heads = new Map<string, number>()
  private readonly invoked = new Map<number, Invoke>()
  private readonly ended = new Map<number, number>()
  private readonly records: ReadonlyArray<HistoryRecord>

  constructor(records: ReadonlyArray<HistoryRecord>) {
    this.records = records
    for (const record of records) {
      if (["ok", "refused", "indefinite", "interrupted", "defect"].includes(record.k) && "op" in record) {
        this.ended.set(record.op!, record.i)
      }
    }
  }

  read(): void {
    for (const record of this.records) {
      // What comes then is the harness's own: everybody's last word, and the reading of the log.
      if (record.k === "truth" || (record.k === "note" && record.text === "phase:liveness")) return
      if (record.k === "client" && record.client.startsWith("truth-")) return
      this.take(record)
    }
  }

  private take(record: HistoryRecord): void {
    switch (record.k) {
      case "client":
        return this.opened(record)
      case "client-end":
        return this.step(record.client, record, { do: record.how })
      case "invoke":
        return this.invokes(record)
      case "page":
        return this.delivered(record.op, record.events.at(-1)?.seqNum)
      case "ok":
      case "refused":
      case "indefinite":
        return this.settled(record)
      case "interrupt": {
        const { client, f } = this.invoked.get(record.op)!
        return this.step(client, record, { do: f === "live" ? "stop-live" : "interrupt" })
      }
      case "paused":
      case "resumed": {
        const what = record.k === "paused" ? "pause-live" : "resume-live"
        return this.step(this.invoked.get(record.op)!.client, record, { do: what })
      }
      case "fault":
        return this.fault(record)
      case "process":
        return this.process(record)
      case "life":
        if (record.phase === "start" && record.how !== "restore") this.begins(record, lives[record.how])
    }
  }

  private opened({ client, store, memory, ...record }: RecordOf<"client">): void {
    const known = this.clients.get(client)
    if (known !== undefined) return this.step(client, record, { do: memory === "kept" ? "reopen" : "fresh" })
    if (!this.stores.has(store)) this.stores.set(store, this.stores.size)
    const nth = this.stores.get(store)!
    this.clients.set(client, {
      client: { id: client, ...(nth === 0 ? {} : { store: `store${nth + 1}` }) },
      steps: [],
      known: 0,
      restsSinceMs: record.t / 1_000_000,
    })
  }

  private invokes(record: Invoke): void {
    this.invoked.set(record.op, record)
    const own = this.clients.get(record.client)
    if (own === undefined) return
    const detached = record.f !== "live" && this.overlaps(record) ? { detached: true } : {}
    if (record.f === "push") return this.step(record.client, record, { ...this.pushOf(record, own.known), ...detached })
    if (record.f === "connect" || record.f === "ping") return this.step(record.client, record, { do: record.f })
    const from =
      record.cursor === own.known || own.known === 0
        ? {}
        : ({ from: record.cursor === undefined ? "start" : "position" } as const)
    this.step(record.client, record, { do: record.f, ...from, ...detached })
  }

  /** Whether the client does something else before this operation has ended. */
  private overlaps({ op, client }: Invoke): boolean {
    const until = this.ended.get(op) ?? Infinity
    const next = this.records.find((other) => other.k === "invoke" && other.i > op && other.client === client)
    return next !== undefined && next.i < until
  }

  private pushOf({ store, batch = [] }: Invoke, known: number): Bare {
    const parent = batch[0]?.parentSeqNum ?? 0
    const head = this.heads.get(store) ?? 0
    const on = parent === known ? {} : ({ on: parent === head ? "head" : parent < head ? "stale" : "future" } as const)
    const sizeBytes = Math.max(0, ...batch.map(sizeOf))
    return {
      do: "push",
      ...(batch.length > 1 ? { events: batch.length } : {}),
      ...(sizeBytes < leastSizeBytes ? {} : { sizeBytes }),
      ...on,
    }
  }

  private delivered(op: number, last: number | undefined): void {
    const { client, store } = this.invoked.get(op)!
    const own = this.clients.get(client)
    if (last === undefined || own === undefined) return
    own.known = Math.max(own.known, last)
    this.heads.set(store, Math.max(this.heads.get(store) ?? 0, last))
  }

  private settled(record: RecordOf<"ok"> | RecordOf<"refused"> | RecordOf<"indefinite">): void {
    const invoke = this.invoked.get(record.op)
    const own = invoke === undefined ? undefined : this.clients.get(invoke.client)
    if (own !== undefined) own.restsSinceMs = ms(record)
    if (record.k === "ok" && invoke?.f === "push") this.delivered(record.op, invoke.batch?.at(-1)?.seqNum)
  }

  private step(client: string, record: Pick<HistoryRecord, "i" | "t">, bare: Bare): void {
    const own = this.clients.get(client)
    if (own === undefined) return
    const atMs = record.t / 1_000_000
    const restedMs = Math.round(atMs - own.restsSinceMs)
    const add = (step: Bare) =>
      own.steps.push({ key: `${client}${own.steps.length + 1}`, client, ...step, at: record.i })
    if (restedMs >= leastWaitMs) add({ do: "wait", ms: restedMs })
    add(bare)
    own.restsSinceMs = atMs
  }

  private fault(record: RecordOf<"fault">): void {
    const { name, phase, client } = record
    const nth = /^storage write (\d+) fails$/.exec(name)?.[1]
    if (nth !== undefined)
      return phase === "on" ? this.begins(record, { kind: "failWrite", nth: Number(nth) }) : undefined
    const kind = name.replace(/^(link|storage) /, "")
    if (phase === "off") return this.over(record, kind, client)
    if (phase === "bit") return
    const detail: unknown = record.detail === undefined ? { kind } : JSON.parse(record.detail)
    const decoded = decodeFault(detail)
    if (Result.isSuccess(decoded)) this.begins(record, decoded.success, client)
  }

  private process(record: RecordOf<"process">): void {
    const ended = ends[record.what]
    if (ended !== undefined) return record.phase === "done" ? this.over(record, ended) : undefined
    const fault = processFaults[record.what]
    if (record.phase === "start" && fault !== undefined) this.begins(record, fault)
  }

  private begins(record: HistoryRecord, fault: PlanFault, client?: string): void {
    this.spans.push({ fault, from: record.i, fromMs: ms(record), ...(client === undefined ? {} : { client }) })
  }

  private over(record: HistoryRecord, kind: string, client?: string): void {
    const span = this.spans.find((one) => one.toMs === undefined && one.fault.kind === kind && one.client === client)
    if (span !== undefined) span.toMs = ms(record)
  }
}

const sizeOf = ({ args, argsDigest }: RecordedEvent): number => argsDigest?.sizeBytes ?? args?.length ?? 0

/** The faults of a reading, each before the step that came next. */
const plannedFaults = ({ clients, spans }: Reading): ReadonlyArray<PlannedFault> => {
  const steps = [...clients.values()].flatMap((told) => told.steps).sort((a, b) => a.at - b.at)
  return spans.flatMap(({ fault, from, fromMs, toMs, client }, n): ReadonlyArray<PlannedFault> => {
    const own = client === undefined ? steps : steps.filter((step) => step.client === client)
    const before = own.find(({ at }) => at > from)
    if (before === undefined) return []
    const lastsMs = toMs === undefined ? {} : { lastsMs: Math.max(1, Math.round(toMs - fromMs)) }
    return [{ key: `${fault.kind}-${n + 1}`, before: before.key, ...lastsMs, fault }]
  })
}

/**
 * A plan of steps that does what the clients of a record did, under the faults that stood then. A skeleton: times and
 * sizes are those of the record, and who was first is left to the next run. Undefined for a record without a beginning.
 */
export const scenarioFromHistory = (records: ReadonlyArray<HistoryRecord>): StepsPlan | undefined => {
  const [begin] = records
  if (begin?.k !== "begin") return undefined
  const reading = new Reading(records)
  reading.read()
  const told = [...reading.clients.values()]
  const [anomaly] = judge(records).anomalies
  const clause = anomaly === undefined ? undefined : (brokenClause(anomaly, records) ?? begin.clause)
  return {
    kind: "steps",
    schema: 1,
    contract: contractVersion,
    provider: begin.provider,
    seed: begin.seed,
    title: anomaly?.sentence ?? `what ${begin.check} did`,
    source: `the record of ${begin.check} on ${begin.provider}`,
    clients: told.map(({ client }) => client),
    steps: told.flatMap(({ steps }) => steps.map(({ at: _at, ...step }) => step)),
    faults: plannedFaults(reading),
    expect:
      anomaly === undefined || clause === undefined
        ? { outcome: "pass" }
        : { outcome: "fail", clause, anomaly: anomaly.name },
  }
}
