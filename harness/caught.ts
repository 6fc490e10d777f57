import type { Anomaly } from "../contract/anomaly.ts"
import type { HistoryRecord } from "../contract/history.ts"
import type { Mutant } from "../providers/mutants/mutant.ts"
import type { Check } from "./check.ts"
import type { PlantedTrial } from "./trial.ts"

/** What a trial says about a planted bug. All but `caught` say why it is not caught. */
export type Catch =
  | { readonly _tag: "caught"; readonly anomaly: Anomaly }
  /** The bug's trigger was never met. */
  | { readonly _tag: "silent" }
  /** The check did not fail. */
  | { readonly _tag: "survived" }
  /** The check failed, and nothing that it found has the bug's name. */
  | { readonly _tag: "other-anomaly"; readonly found: ReadonlyArray<Anomaly> }
  /** What it found has the bug's name and is about operations that the bug did not touch. */
  | { readonly _tag: "untouched"; readonly found: ReadonlyArray<Anomaly> }

/** The checks that may catch a bug: the one that it names, else all of its clause, those first that take least. */
export const catchersOf = (mutant: Mutant, checks: ReadonlyArray<Check>): ReadonlyArray<Check> => {
  const { check, clause } = mutant
  const own = checks.filter((known) => (check === undefined ? known.clause === clause : known.id === check))
  return own.toSorted((a, b) => Number(a.cost !== "quick") - Number(b.cost !== "quick"))
}

/** Where in the record a bug first touched each store: an operation on it was under way when something became wrong. */
const firstTouches = (records: ReadonlyArray<HistoryRecord>, fires: ReadonlyArray<number>) => {
  const open = new Map<number, string>()
  const firsts = new Map<string, number>()
  let next = 0
  for (let i = 0; i <= records.length && next < fires.length; i++) {
    for (; fires[next] === i; next++) for (const store of open.values()) if (!firsts.has(store)) firsts.set(store, i)
    const record = records[i]
    if (record?.k === "invoke") open.set(record.op, record.store)
    else if (record !== undefined && endsOperation(record)) open.delete(record.op)
  }
  return firsts
}

type Ending = Extract<HistoryRecord, { readonly k: "ok" | "refused" | "indefinite" | "interrupted" }>

const endsOperation = (record: HistoryRecord): record is Ending =>
  record.k === "ok" || record.k === "refused" || record.k === "indefinite" || record.k === "interrupted"

/**
 * Whether an anomaly is about what the bug touched: it is argued from an operation that was under way when the bug
 * made something wrong, or that came later on such a store; or from what else was recorded from then on. What lay
 * before, or on another store, is not the bug's doing. What a check found by itself it found in what it looked at: that
 * it looked after the bug had shown is enough, for the operation that it names may have ended before.
 */
const aboutTouched = ({ records, fires }: PlantedTrial): ((anomaly: Anomaly) => boolean) => {
  const firsts = firstTouches(records, fires)
  const stores = new Map<number, string>()
  const ends = new Map<number, number>()
  for (const record of records) {
    if (record.k === "invoke") stores.set(record.op, record.store)
    else if (endsOperation(record)) ends.set(record.op, record.i)
  }
  // A bug that showed while nothing was under way, in an opening client or a starting backend, touches all that follows.
  const anywhere = firsts.size === 0 ? fires[0]! : Infinity
  const isTouched = (i: number): boolean => {
    const record = records[i]
    if (record === undefined) return false
    if (!("op" in record) || record.op === undefined) return i >= fires[0]!
    const first = firsts.get(stores.get(record.op) ?? "") ?? anywhere
    return (ends.get(record.op) ?? Infinity) >= first
  }
  const foundLater = ({ name, sentence }: Anomaly): boolean =>
    records.some(
      (record) =>
        record.k === "finding" && record.i >= fires[0]! && record.anomaly === name && record.sentence === sentence,
    )
  return (anomaly) => anomaly.records.some(isTouched) || foundLater(anomaly)
}

/** Reads a trial of a planted bug by a check that may catch it. */
export const readTrial = (mutant: Mutant, trial: PlantedTrial): Catch => {
  const { anomalies, outcome, fires } = trial
  const failed = outcome === "fail" || outcome === "should-fail"
  if (fires.length === 0) return { _tag: "silent" }
  if (!failed) return { _tag: "survived" }
  const named = anomalies.filter(({ name }) => name === mutant.anomaly)
  if (named.length === 0) return { _tag: "other-anomaly", found: anomalies }
  const anomaly = named.find(aboutTouched(trial))
  return anomaly === undefined ? { _tag: "untouched", found: named } : { _tag: "caught", anomaly }
}
