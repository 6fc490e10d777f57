import { statSync } from "node:fs"
import { join } from "node:path"
import type { HistoryRecord } from "../../contract/history.ts"
import type { StepsPlan } from "../../contract/scenario.ts"
import { withArgsDigests } from "../../history/args-digest.ts"
import { sealSection } from "../../history/sealed-section.ts"
import { scenarioText } from "../scenario-text.ts"
import { noSpace, writeWhole } from "../write-whole.ts"

/** Of each anomaly so many scenarios and records are kept, and of all records so many bytes. */
const most = { scenarios: 20, histories: 3, historyBytes: 256 * 1024 * 1024 }

/** What was kept of a round. */
export interface Kept {
  readonly scenario?: string
  readonly history?: string
  readonly notKept?: string
}

/** One line for all that finds no room: it is the same trouble each time. */
const notWritten = (what: string, why: string): string =>
  why.startsWith(noSpace)
    ? `${why}: what was found since then is told here, and not all of its scenarios and records could be written`
    : `${what} could not be written: ${why}`

/**
 * Writes scenarios and records of anomalies, and no more than a bounded number of bytes. A disk that is full is said
 * and stops nothing: the campaign goes on with what was kept.
 */
export class Keeper {
  private readonly counts = new Map<string, number>()
  private bytes = 0
  private readonly dir: string

  constructor(dir: string) {
    this.dir = dir
  }

  /** Keeps a round under the name of its anomaly. */
  keep(name: string, round: number, plan: StepsPlan, records: ReadonlyArray<HistoryRecord>): Kept {
    const nth = (this.counts.get(name) ?? 0) + 1
    this.counts.set(name, nth)
    if (nth > most.scenarios) return { notKept: `${most.scenarios} scenarios of ${name} are kept already` }
    const base = join(this.dir, `${plan.provider}-${name}-${round}`.replaceAll(/[^\w./\\:-]+/g, "-"))
    const scenario = `${base}.json`
    const unwritten = writeWhole(scenario, scenarioText(plan))
    if (unwritten !== undefined) return { notKept: notWritten("scenarios", unwritten) }
    if (nth > most.histories || this.bytes > most.historyBytes || records.length === 0) return { scenario }
    const history = `${base}.ndjson`
    const { text } = sealSection(withArgsDigests(records))
    const cut = writeWhole(history, text)
    if (cut !== undefined) return { scenario, notKept: notWritten("records", cut) }
    this.bytes += statSync(history).size
    return { scenario, history }
  }
}
