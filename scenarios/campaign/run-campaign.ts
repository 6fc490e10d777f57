import { hash32 } from "../../chaos/draw.ts"
import { areGone, commandOf, descendantsOf, isAlive, type ProcessEntry } from "../../harness/processes.ts"
import { anomalies, type AnomalyName } from "../../contract/anomaly.ts"
import type { Provider } from "../../contract/provider.ts"
import type { StepsPlan } from "../../contract/scenario.ts"
import { heldOf } from "../../workloads/held.ts"
import { faultsOffered, type FaultKind } from "../../workloads/nemesis/index.ts"
import { brokenClause } from "../broken-clause.ts"
import { faultCoverage, kindsOf } from "../coverage.ts"
import { Keeper } from "./keep.ts"
import type { CampaignArgs, CampaignNews, RoundEnd } from "./news.ts"
import { RecordWatch } from "./record-watch.ts"
import { drawRound, type RoundPlan, type RoundSpace } from "./round-plan.ts"
import { openRunner, type Judged, type RoundRunner } from "./run-round.ts"

/** What a campaign runs with. */
export interface CampaignInput {
  readonly provider: Provider
  readonly args: CampaignArgs
  readonly signal: AbortSignal
  readonly news: (news: CampaignNews) => void
}

/** How often it says how far it is, in milliseconds. */
const sayEveryMs = 1_000

/** The lane of a campaign that runs in one process. */
const alone = { index: 0, of: 1 }

const isAnomaly = (name: string): name is AnomalyName => (anomalies as ReadonlyArray<string>).includes(name)

/** The plan of a round as a scenario that expects what the round showed. */
const scenarioOf = ({ plan, workload }: RoundPlan, round: number, judged: Judged): StepsPlan => {
  const [anomaly] = judged.anomalies
  const { expect: _passes, ...own } = plan
  const clause = anomaly === undefined ? undefined : brokenClause(anomaly, judged.records)
  return {
    ...own,
    title: anomaly?.sentence ?? judged.reason ?? judged.outcome,
    source: `round ${round} of a campaign, workload ${workload}`,
    expect: {
      outcome: "fail",
      ...(clause === undefined ? {} : { clause }),
      ...(anomaly !== undefined && isAnomaly(anomaly.name) ? { anomaly: anomaly.name } : {}),
    },
  }
}

/** A campaign while it runs. */
class Campaign {
  private readonly input: CampaignInput
  private readonly runner: RoundRunner
  private readonly space: RoundSpace
  private readonly keeper: Keeper
  private readonly watches = new Set<RecordWatch>()
  private readonly bitten: Set<FaultKind>
  /** Of every `of` rounds of the campaign it takes the `index`th. */
  private readonly share: CampaignArgs["shard"]
  private next: number

  constructor(input: CampaignInput, runner: RoundRunner) {
    const { provider, args } = input
    this.input = input
    this.runner = runner
    const offered = faultsOffered(runner.host, provider.capabilities)
    const asked = args.faults === undefined ? undefined : new Set(args.faults)
    this.space = {
      provider: provider.key,
      version: runner.version,
      capabilities: provider.capabilities,
      offered: offered.filter((kind) => asked === undefined || asked.has(kind)),
    }
    this.keeper = new Keeper(args.outDir)
    this.bitten = new Set(args.bitten)
    const { shard } = args
    const { index, of } = provider.world === "virtual" ? (args.lane ?? alone) : alone
    this.share = { index: shard.index + shard.of * index, of: shard.of * of }
    this.next = args.firstRound
    input.news({ kind: "begins", version: runner.version, offered: this.space.offered })
  }

  /** Runs rounds until the time is over: as many at once as the provider bears. */
  async run(): Promise<void> {
    const untilMs = performance.now() + this.input.args.durationMs
    const saying = setInterval(() => this.say(), sayEveryMs)
    const lane = async (): Promise<void> => {
      // However short the time: a campaign of no round would say nothing.
      do await this.round(this.next++)
      while (performance.now() < untilMs && !this.input.signal.aborted)
    }
    try {
      await Promise.all(Array.from({ length: this.runner.atOnce }, lane))
    } finally {
      clearInterval(saying)
    }
  }

  private say(): void {
    const all = [...this.watches]
    this.input.news({
      kind: "state",
      operations: all.reduce((sum, watch) => sum + watch.operations, 0),
      faults: [...new Set(all.flatMap((watch) => watch.faults()))],
      outstanding: all.flatMap((watch) => watch.outstanding()).slice(0, 8),
    })
  }

  /** Faults that have not bitten yet, another first in each round. */
  private aim(round: number): ReadonlyArray<FaultKind> {
    const left = this.space.offered.filter((kind) => !this.bitten.has(kind))
    const from = left.length === 0 ? 0 : (round * 3) % left.length
    return [...left.slice(from), ...left.slice(0, from)]
  }

  private async round(nth: number): Promise<void> {
    const { args, news } = this.input
    const round = nth * this.share.of + this.share.index
    const seed = hash32(args.seed, `round ${round}`)
    const drawn = drawRound(seed, this.space, this.aim(nth))
    news({ kind: "round", round, next: nth + 1, workload: drawn.workload, plan: drawn.plan })
    const fromMs = performance.now()
    const seen: Array<RecordWatch> = []
    const judged = await this.runner.run(drawn.plan, round, (recorder) => {
      const watch = new RecordWatch(() => performance.now())
      seen.push(watch)
      this.watches.add(watch)
      recorder.subscribe(watch.see)
    })
    for (const watch of seen) this.watches.delete(watch)
    if (this.input.signal.aborted && judged.outcome !== "fail") return
    const end = this.endOf(round, drawn, judged, performance.now() - fromMs)
    for (const kind of end.bit) this.bitten.add(kind)
    const operations = seen.reduce((sum, watch) => sum + watch.operations, 0)
    news({ kind: "round-end", end: { ...end, operations } })
  }

  private endOf(round: number, drawn: RoundPlan, judged: Judged, ms: number): RoundEnd {
    const { applied, bit } = faultCoverage(judged.records)
    const { plan, workload } = drawn
    const { outcome, reason, anomalies: found } = judged
    const bad = outcome !== "pass"
    const held = heldOf(judged.records)
    const name = found[0]?.name ?? (outcome === "fail" ? "not-testable" : outcome)
    return {
      round,
      seed: plan.seed,
      workload,
      outcome,
      ...(reason === undefined ? {} : { reason }),
      findings: found.map(({ name: anomaly, sentence }) => ({ name: anomaly, sentence })),
      applied: [...kindsOf(plan, applied)] as ReadonlyArray<FaultKind>,
      bit: [...kindsOf(plan, bit)] as ReadonlyArray<FaultKind>,
      operations: 0,
      ms: Math.round(ms),
      memoryBytes: process.memoryUsage().rss,
      ...(held === undefined ? {} : { held }),
      ...(bad ? this.keeper.keep(name, round, scenarioOf(drawn, round, judged), judged.records) : {}),
    }
  }
}

/** Settles once the signal is aborted. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener("abort", () => resolve(), { once: true })
  })

/**
 * Runs a campaign on one provider until its time is over or the signal comes: round after round, each judged as soon
 * as it ends; what a round recorded is let go then, unless it shows something. Rejects when the host cannot start.
 */
export const runCampaign = async (input: CampaignInput): Promise<void> => {
  const before = descendantsOf(process.pid)
  const runner = await openRunner(input.provider)
  try {
    await Promise.race([new Campaign(input, runner).run(), aborted(input.signal)])
  } finally {
    await runner.close()
  }
  input.news({ kind: "ends", processes: await leftSince(before) })
}

/** How long a stopped backend's processes may take to be gone, in milliseconds. */
const goneMs = 3_000

/** Commands of processes below this one that were not there before and do not end. */
const leftSince = async (before: ReadonlyArray<ProcessEntry>): Promise<ReadonlyArray<string>> => {
  const known = new Set(before.map(({ pid }) => pid))
  // What compiles the backend's code serves the whole process, not a backend.
  const isTool = (pid: number) => commandOf(pid).some((word) => word.startsWith("--service="))
  const left = descendantsOf(process.pid).filter(({ pid }) => !known.has(pid) && !isTool(pid))
  await areGone(left, goneMs)
  return left.filter(isAlive).map(({ pid }) => commandOf(pid).slice(0, 3).join(" "))
}
