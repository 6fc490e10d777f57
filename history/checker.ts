import type { AnomalyName } from "../contract/anomaly.ts"
import type { HistoryRecord, RecordOf } from "../contract/history.ts"
import type { Model } from "./model/model.ts"
import type { StoreModel } from "./model/store-model.ts"

/** Says that something is wrong: the name, the records argued from (at most five), and the argument, made when needed. */
export type Report = (
  name: AnomalyName,
  records: ReadonlyArray<number>,
  sentence: () => string,
  options?: {
    readonly store?: StoreModel
    /** The verdict hangs on time although the anomaly's name does not say so. */
    readonly timed?: boolean
  },
) => void

/** What a checker does with records of one kind. The model has not taken the record in yet. */
export type Handlers = {
  readonly [K in HistoryRecord["k"]]?: (record: RecordOf<K>, model: Model, report: Report) => void
}

/** A fold over a history that looks for one family of anomalies. */
export interface Checker {
  readonly names: ReadonlyArray<AnomalyName>
  readonly on: Handlers
  /** The current life of a store is over, or the history ends: says what only the whole of a life can show. */
  readonly lifeEnds?: (store: StoreModel, model: Model, report: Report) => void
  /** The history ends. Called after the last `lifeEnds`. */
  readonly finish?: (model: Model, report: Report) => void
}

/** Makes a checker with fresh state of its own. */
export type MakeChecker = () => Checker
