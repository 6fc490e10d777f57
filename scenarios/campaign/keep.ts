import { mkdirSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { HistoryRecord } from "../../contract/history.ts"
import type { StepsPlan } from "../../contract/scenario.ts"
import { withArgsDigests } from "../../history/args-digest.ts"
import { sealSection } from "../../history/sealed-section.ts"
import { scenarioText } from "../scenario-text.ts"

/** Of each anomaly so many scenarios and records are kept, and of all records so many bytes. */
const most = { scenarios: 20, histories: 3, historyBytes: 256 * 1024 * 1024 }

/** What was kept of a round. */
export interface Kept {
  readonly scenario?: string
  readonly history?: string
  readonly notKept?: string
}

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
    try {
      mkdirSync(dirname(base), { recursive: true })
      writeFileSync(scenario, scenarioText(plan))
    } catch (error) {
      return { notKept: `its scenario could not be written: ${messageOf(error)}` }
    }
    if (nth > most.histories || this.bytes > most.historyBytes || records.length === 0) return { scenario }
    const history = `${base}.ndjson`
    try {
      writeFileSync(history, sealSection(withArgsDigests(records)).text)
      this.bytes += statSync(history).size
      return { scenario, history }
    } catch (error) {
      return { scenario, notKept: `its record could not be written: ${messageOf(error)}` }
    }
  }
}

const messageOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException
  return code === "ENOSPC" ? "no space left on the disk" : (message.split("\n")[0] ?? "unknown")
}
