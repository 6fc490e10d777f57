import { anomalies as byGravity, type AnomalyName } from "../../contract/anomaly.ts"
import type { FaultKind } from "../../workloads/nemesis/index.ts"
import type { RoundEnd } from "./news.ts"
import { LeakTally, type CampaignLeaks } from "./leak-tally.ts"
import type { WorkloadName } from "./workload.ts"

/** An anomaly of a campaign: the first round that showed it stands for all. */
export interface CampaignAnomaly {
  readonly name: string
  /** Rounds that showed it. */
  readonly rounds: number
  readonly sentence: string
  readonly round: number
  readonly seed: number
  readonly workload: WorkloadName
  /** The first scenario that was kept. */
  readonly scenario?: string
  readonly history?: string
}

/** How often a fault was put on, and how often its victim showed it, in rounds. */
export interface FaultTally {
  readonly name: FaultKind
  readonly applied: number
  readonly bit: number
}

/** A campaign that could not be carried on, with what was under way. */
export interface CampaignBreak {
  readonly how: "crashed" | "silent" | "outer-limit"
  readonly message: string
  readonly outstanding: ReadonlyArray<string>
}

/** What a campaign came to. */
export interface CampaignResult {
  readonly provider: string
  readonly version: string
  readonly seed: number
  readonly ms: number
  readonly rounds: number
  /** Acknowledged pushes, and pulls that delivered something. */
  readonly operations: number
  readonly anomalies: ReadonlyArray<CampaignAnomaly>
  readonly faults: ReadonlyArray<FaultTally>
  /** Rounds of each workload. */
  readonly workloads: Readonly<Record<string, number>>
  /** Rounds that could not be judged, by their reason. */
  readonly unjudged: ReadonlyArray<{ readonly reason: string; readonly rounds: number }>
  /** Rounds in which time alone failed, and not again when they were run once more. */
  readonly flaky: ReadonlyArray<{ readonly reason: string; readonly rounds: number }>
  /** Mistakes of the harness. */
  readonly harnessErrors: ReadonlyArray<string>
  readonly breaks: ReadonlyArray<CampaignBreak>
  /** What could not be kept. */
  readonly notKept: ReadonlyArray<string>
  /** Resident memory of the campaign's process after its first and its last round, in bytes. */
  readonly memory: { readonly firstBytes: number; readonly lastBytes: number }
  readonly leaks: CampaignLeaks
}

const gravity = (name: string): number => {
  const at = byGravity.indexOf(name as AnomalyName)
  return at === -1 ? byGravity.length : at
}

const counted = (counts: ReadonlyMap<string, number>) => [...counts].map(([reason, rounds]) => ({ reason, rounds }))
const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)

/** Adds up the rounds of a campaign as they end: it outlives the process in which they run. */
export class Tally {
  rounds = 0
  operations = 0
  private readonly anomalies = new Map<string, CampaignAnomaly>()
  private offered: ReadonlyArray<FaultKind> = []
  private readonly applied = new Map<string, number>()
  private readonly bit = new Map<string, number>()
  private readonly workloads: Record<string, number> = {}
  private readonly unjudged = new Map<string, number>()
  private readonly flaky = new Map<string, number>()
  private readonly harnessErrors: Array<string> = []
  private readonly breaks: Array<CampaignBreak> = []
  private readonly notKept = new Set<string>()
  private readonly memory = { firstBytes: 0, lastBytes: 0 }
  private readonly leaks = new LeakTally()

  /** Faults that the provider can suffer and that are asked for. */
  offers(kinds: ReadonlyArray<FaultKind>): void {
    this.offered = kinds
  }

  /** How many rounds showed an anomaly. */
  anomalousRounds(): number {
    return [...this.anomalies.values()].reduce((sum, { rounds }) => sum + rounds, 0)
  }

  /** Faults that have bitten. */
  bitten(): ReadonlyArray<FaultKind> {
    return this.offered.filter((kind) => this.bit.has(kind))
  }

  /** Faults that are asked for and have not bitten. */
  missed(): ReadonlyArray<FaultKind> {
    return this.offered.filter((kind) => !this.bit.has(kind))
  }

  /** A round has ended. */
  round(end: RoundEnd): void {
    this.rounds += 1
    this.operations += end.operations
    this.workloads[end.workload] = (this.workloads[end.workload] ?? 0) + 1
    for (const kind of end.applied) add(this.applied, kind)
    for (const kind of end.bit) add(this.bit, kind)
    if (this.memory.firstBytes === 0) this.memory.firstBytes = end.memoryBytes
    this.memory.lastBytes = end.memoryBytes
    this.leaks.round(end)
    if (end.notKept !== undefined) this.notKept.add(end.notKept)
    const reason = end.reason ?? end.outcome
    if (end.outcome === "fail" || end.outcome === "should-fail") this.failed(end, reason)
    else if (end.outcome === "flaky") add(this.flaky, reason)
    else if (end.outcome === "harness-error") this.harnessErrors.push(`round ${end.round}: ${reason}`)
    else if (end.outcome !== "pass") add(this.unjudged, reason)
  }

  /** The process in which rounds ran is gone, or was ended. */
  broke(how: CampaignBreak, running: ReadonlyArray<CampaignAnomaly>): void {
    this.breaks.push(how)
    for (const anomaly of running) this.found(anomaly)
  }

  /** Processes that a process of the campaign left behind when it had stopped everything. */
  left(processes: ReadonlyArray<string>): void {
    this.leaks.processes.push(...processes)
  }

  /** The harness itself went wrong. */
  harnessError(message: string): void {
    this.harnessErrors.push(message)
  }

  result(about: Pick<CampaignResult, "provider" | "version" | "seed" | "ms">): CampaignResult {
    return {
      ...about,
      rounds: this.rounds,
      operations: this.operations,
      anomalies: [...this.anomalies.values()].toSorted((a, b) => gravity(a.name) - gravity(b.name)),
      faults: this.offered.map((name) => ({
        name,
        applied: this.applied.get(name) ?? 0,
        bit: this.bit.get(name) ?? 0,
      })),
      workloads: this.workloads,
      unjudged: counted(this.unjudged),
      flaky: counted(this.flaky),
      harnessErrors: this.harnessErrors,
      breaks: this.breaks,
      notKept: [...this.notKept],
      memory: this.memory,
      leaks: this.leaks.result(),
    }
  }

  private failed(end: RoundEnd, reason: string): void {
    const [first] = end.findings
    this.found({
      // Nothing was observed: a part that the provider's host declares could not be used.
      name: first?.name ?? "not-testable",
      rounds: 1,
      sentence: first?.sentence ?? reason,
      round: end.round,
      seed: end.seed,
      workload: end.workload,
      ...(end.scenario === undefined ? {} : { scenario: end.scenario }),
      ...(end.history === undefined ? {} : { history: end.history }),
    })
  }

  private found(anomaly: CampaignAnomaly): void {
    const known = this.anomalies.get(anomaly.name)
    this.anomalies.set(
      anomaly.name,
      known === undefined ? anomaly : { ...known, rounds: known.rounds + anomaly.rounds },
    )
  }
}

/**
 * The exit code of a campaign: 3 the harness went wrong, 1 something was found, 2 it could not be judged: a fault
 * never bit, a round was unknown or failed on time alone, an outer limit ended it, or no round was judged. Else 0.
 */
export const campaignExit = (result: CampaignResult): 0 | 1 | 2 | 3 => {
  if (result.harnessErrors.length > 0) return 3
  if (result.anomalies.length > 0) return 1
  const missed = result.faults.some(({ bit }) => bit === 0)
  const unsure = result.unjudged.length > 0 || result.flaky.length > 0 || result.breaks.length > 0
  return missed || unsure || result.rounds === 0 ? 2 : 0
}
