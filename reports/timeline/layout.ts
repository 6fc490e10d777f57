import type { TimelineRecord } from "./timeline-record.ts"

/** How an operation ended; `open` has not, in what is shown. */
export type BarEnd = "ok" | "refused" | "indefinite" | "interrupted" | "stuck" | "defect" | "open"

/** One operation from its invocation to its end, in columns. */
export interface Bar {
  readonly op: number
  readonly name: string
  readonly label: string
  readonly from: number
  readonly to: number
  /** It was invoked before the first column. */
  readonly begunBefore: boolean
  readonly end: BarEnd
  /** Why it ended so, where it said. */
  readonly said: string
  /** Row within its lane: operations of one client may overlap. */
  readonly row: number
  /** An anomaly argues from it. */
  readonly accused: boolean
  readonly pages: ReadonlyArray<Mark>
}

/** Something at one moment. */
export interface Mark {
  readonly column: number
  readonly kind: TimelineRecord["k"]
  readonly label: string
  readonly accused: boolean
}

export interface Lane {
  /** A client, or "backend". */
  readonly name: string
  readonly rows: number
  readonly bars: ReadonlyArray<Bar>
  readonly marks: ReadonlyArray<Mark>
}

export interface TimelineLayout {
  /** One column a record, in the order of the history: time would put a thousand records on one pixel. */
  readonly columns: ReadonlyArray<{ readonly i: number; readonly t: number }>
  readonly lanes: ReadonlyArray<Lane>
  /** Records of the section that are not shown. */
  readonly leftOut: number
}

/** Most records that one timeline shows. */
export const shownRecords = 300

/** Arranges a section around the records that its anomalies argue from. */
export const layOut = (records: ReadonlyArray<TimelineRecord>, accused: ReadonlySet<number>): TimelineLayout => {
  const shown = around(records, accused)
  const columnOf = new Map(shown.map(({ i }, index) => [i, index]))
  const invokes = new Map(records.filter(({ k }) => k === "invoke").map((record) => [record.op, record]))
  const names = [...new Set(shown.flatMap((record) => laneOf(record, invokes)))]
  const lanes = names.map((name): Lane => {
    const own = shown.filter((record) => laneOf(record, invokes) === name)
    const bars = packed(barsOf(own, invokes, columnOf, accused, shown.length))
    const marks = own.filter(({ k }) => !operationKinds.has(k)).map((record) => markOf(record, columnOf, accused))
    return { name, bars, marks, rows: Math.max(1, ...bars.map(({ row }) => row + 1)) }
  })
  const backendLast = [
    ...lanes.filter(({ name }) => name !== "backend"),
    ...lanes.filter(({ name }) => name === "backend"),
  ]
  return {
    columns: shown.map(({ i, t }) => ({ i, t })),
    lanes: backendLast,
    leftOut: records.length - shown.length,
  }
}

const endKinds: ReadonlySet<string> = new Set(["ok", "refused", "indefinite", "interrupted", "stuck", "defect"])

const operationKinds: ReadonlySet<string> = new Set(["invoke", "page", ...endKinds])

/** The records nearest to those that are argued from, in their own order. */
const around = (
  records: ReadonlyArray<TimelineRecord>,
  accused: ReadonlySet<number>,
): ReadonlyArray<TimelineRecord> => {
  if (records.length <= shownRecords) return records
  const centres = records.flatMap(({ i }, index) => (accused.has(i) ? [index] : []))
  if (centres.length === 0) return records.slice(-shownRecords)
  const distance = (index: number) => Math.min(...centres.map((centre) => Math.abs(centre - index)))
  return records
    .map((record, index) => ({ record, index, distance: distance(index) }))
    .sort((a, b) => a.distance - b.distance || a.index - b.index)
    .slice(0, shownRecords)
    .sort((a, b) => a.index - b.index)
    .map(({ record }) => record)
}

const laneOf = (record: TimelineRecord, invokes: ReadonlyMap<number | undefined, TimelineRecord>): string =>
  record.client ?? (record.op === undefined ? undefined : invokes.get(record.op)?.client) ?? "backend"

const markOf = (record: TimelineRecord, columnOf: ReadonlyMap<number, number>, accused: ReadonlySet<number>): Mark => ({
  column: columnOf.get(record.i)!,
  kind: record.k,
  label: record.label,
  accused: accused.has(record.i),
})

const barsOf = (
  own: ReadonlyArray<TimelineRecord>,
  invokes: ReadonlyMap<number | undefined, TimelineRecord>,
  columnOf: ReadonlyMap<number, number>,
  accused: ReadonlySet<number>,
  columns: number,
): ReadonlyArray<Bar> => {
  const ops = [...new Set(own.flatMap(({ op }) => op ?? []))]
  return ops.flatMap((op): ReadonlyArray<Bar> => {
    const invoke = invokes.get(op)
    if (invoke === undefined) return []
    const records = own.filter((record) => record.op === op)
    const ends = records.filter(({ k }) => endKinds.has(k))
    // A stuck operation may still settle: how it settled is the end, and that it was late stays in the label.
    const last = ends.at(-1)
    const stuck = ends.find(({ k }) => k === "stuck")
    return [
      {
        op,
        name: invoke.f ?? "",
        label: invoke.label,
        from: columnOf.get(invoke.i) ?? 0,
        to: last === undefined || last.k === "stuck" ? columns - 1 : columnOf.get(last.i)!,
        begunBefore: !columnOf.has(invoke.i),
        end: last === undefined ? "open" : (last.k as BarEnd),
        said: [stuck !== undefined && stuck !== last ? stuck.label : "", last?.label ?? ""]
          .filter((text) => text !== "")
          .join("; "),
        row: 0,
        accused: records.some(({ i }) => accused.has(i)) || accused.has(invoke.i),
        pages: records.filter(({ k }) => k === "page").map((record) => markOf(record, columnOf, accused)),
      },
    ]
  })
}

/** Puts each bar into the first row that is free where it begins. */
const packed = (bars: ReadonlyArray<Bar>): ReadonlyArray<Bar> => {
  const free: Array<number> = []
  return bars
    .toSorted((a, b) => a.from - b.from)
    .map((bar) => {
      const found = free.findIndex((until) => until < bar.from)
      const row = found === -1 ? free.length : found
      free[row] = bar.to
      return { ...bar, row }
    })
}
