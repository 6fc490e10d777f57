import { anomalies, timedAnomalies, type Anomaly, type AnomalyName } from "../contract/anomaly.ts"
import type { HistoryRecord } from "../contract/history.ts"
import type { Checker, Report } from "./checker.ts"
import { checkers as allCheckers } from "./checkers/index.ts"
import { seconds } from "./explain.ts"
import { Model } from "./model/model.ts"
import type { StoreModel } from "./model/store-model.ts"

/** What a history shows. */
export interface Verdict {
  /** The first few of each name, gravest names first. */
  readonly anomalies: ReadonlyArray<Anomaly>
  /** How many were found in all. */
  readonly found: number
  /**
   * Why the history could not be judged, or not on time: a premise of the check did not hold, or the harness
   * itself lagged. Anomalies that stand beside it hold nevertheless.
   */
  readonly unjudged: string | undefined
}

/** Folds a history record by record. Nothing of it may be used after `finish`. */
export interface Judge {
  readonly add: (record: HistoryRecord) => void
  readonly finish: () => Verdict
}

/** Told of one name; the rest is counted. */
const toldPerName = 3

interface Found {
  readonly told: Array<Anomaly>
  count: number
  timed: number
}

/** What a judge may leave out. */
export interface JudgeOptions {
  /** Anomalies that nobody looks for: to see what a verdict is worth without them. Default: none. */
  readonly except?: ReadonlySet<AnomalyName>
}

/** Begins to judge one section of a history. */
export const makeJudge = ({ except }: JudgeOptions = {}): Judge => {
  const model = new Model()
  const checkers = allCheckers.map((make) => make())
  const found = new Map<string, Found>()
  let unjudged: string | undefined
  let lagMs = 0
  let lagT = 0

  const report: Report = (name, records, sentence, options = {}) => {
    if (except?.has(name) === true) return
    const timed = options.timed === true || timedAnomalies.has(name)
    const key = timed ? `${name} on time` : name
    let entry = found.get(key)
    if (entry === undefined) {
      entry = { told: [], count: 0, timed: timed ? 1 : 0 }
      found.set(key, entry)
    }
    entry.count += 1
    if (entry.told.length >= toldPerName) return
    const storeId = options.store?.name
    entry.told.push({ name, sentence: sentence(), records, ...(storeId === undefined ? {} : { storeId }) })
  }

  const handlers = byKind(checkers)
  const lifeEnds = checkers.flatMap((checker) => checker.lifeEnds ?? [])
  const endLife = (store: StoreModel) => {
    for (const check of lifeEnds) check(store, model, report)
  }

  const add = (record: HistoryRecord): void => {
    const listening = handlers.get(record.k)
    if (listening !== undefined) {
      for (let n = 0; n < listening.length; n++) listening[n]!(record, model, report)
    }
    if (record.k === "life" && record.phase === "done") endLife(model.store(record.store))
    else if (record.k === "unjudged") unjudged ??= record.reason
    else if (record.k === "lag" && record.ms > lagMs) {
      lagMs = record.ms
      lagT = record.t
    }
    model.apply(record)
  }

  const finish = (): Verdict => {
    for (const store of model.stores.values()) endLife(store)
    for (const checker of checkers) checker.finish?.(model, report)
    const lagged = lagMs > model.declared.deadlineMs / 10
    let count = 0
    const told: Array<Anomaly> = []
    for (const entry of found.values()) {
      if (lagged && entry.timed > 0) {
        unjudged ??= `the harness itself lagged by ${Math.round(lagMs)} ms at ${seconds(lagT)}, so nothing is said about time`
        continue
      }
      count += entry.count
      told.push(...entry.told)
    }
    return { anomalies: gravestFirst(told), found: count, unjudged }
  }

  return { add, finish }
}

/** Judges one whole section of a history. */
export const judge = (records: Iterable<HistoryRecord>, options: JudgeOptions = {}): Verdict => {
  const folding = makeJudge(options)
  for (const record of records) folding.add(record)
  return folding.finish()
}

type Listener = (record: HistoryRecord, model: Model, report: Report) => void

const byKind = (checkers: ReadonlyArray<Checker>): ReadonlyMap<string, ReadonlyArray<Listener>> => {
  const listening = new Map<string, Array<Listener>>()
  for (const checker of checkers) {
    for (const [kind, listener] of Object.entries(checker.on)) {
      const list = listening.get(kind) ?? []
      list.push(listener as Listener)
      listening.set(kind, list)
    }
  }
  return listening
}

const gravity: ReadonlyMap<AnomalyName, number> = new Map(anomalies.map((name, n) => [name, n]))

const gravestFirst = (told: ReadonlyArray<Anomaly>): ReadonlyArray<Anomaly> =>
  told.toSorted((a, b) => gravity.get(a.name)! - gravity.get(b.name)!)
