import type { HistoryRecord } from "../contract/history.ts"
import type { StepsPlan } from "../contract/scenario.ts"

/** Which faults of a plan were put on, and which of them changed something on their victim, by their keys. */
export interface FaultCoverage {
  readonly applied: ReadonlySet<string>
  readonly bit: ReadonlySet<string>
}

/** Reads from the record what became of a plan's faults: the interpreter notes it where it saw the victim. */
export const faultCoverage = (records: ReadonlyArray<HistoryRecord>): FaultCoverage => {
  const applied = new Set<string>()
  const bit = new Set<string>()
  for (const record of records) {
    if (record.k !== "note") continue
    if (record.text.startsWith("applied:")) applied.add(record.text.slice("applied:".length))
    else if (record.text.startsWith("bit:")) bit.add(record.text.slice("bit:".length))
  }
  return { applied, bit }
}

/** The kinds of a plan's faults whose keys are in this set. */
export const kindsOf = (plan: StepsPlan, keys: ReadonlySet<string>): ReadonlySet<string> =>
  new Set(plan.faults.filter(({ key }) => keys.has(key)).map(({ fault }) => fault.kind))
