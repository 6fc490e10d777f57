import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { StepsPlan } from "../contract/scenario.ts"
import type { ChildMessage, ProviderCard, ProviderSource } from "../harness/children/messages.ts"
import { runInChild, type ChildEnd } from "../harness/children/run-in-child.ts"
import { readProcess } from "../harness/processes.ts"
import type { CampaignArgs, CampaignNews } from "../scenarios/campaign/news.ts"
import { Tally, type CampaignAnomaly, type CampaignBreak, type CampaignResult } from "../scenarios/campaign/tally.ts"
import type { WorkloadName } from "../scenarios/campaign/workload.ts"
import { scenarioText } from "../scenarios/scenario-text.ts"
import { writeWhole } from "../scenarios/write-whole.ts"
import { childStopMs, type StopSignals } from "./stop-signals.ts"

/** What a campaign is asked for. */
export interface CampaignOptions extends Pick<CampaignArgs, "seed" | "durationMs" | "shard" | "outDir" | "faults"> {
  readonly key: string
  readonly source: ProviderSource
  readonly stop: StopSignals
  readonly onState: (state: CampaignState) => void
  /** The module that serves in a child; another one in tests. */
  readonly entry: URL
  /** A child whose event loop has not turned for this long is ended, in milliseconds. */
  readonly silentMs: number
  /** How long rounds that run when the time is over may take before the campaign is ended, in milliseconds. */
  readonly overtimeMs: number
  /** Processes that rounds of the virtual world are shared out to. */
  readonly processes: number
}

/** How far a campaign is. */
export interface CampaignState {
  readonly rounds: number
  readonly operations: number
  readonly faults: ReadonlyArray<string>
  readonly anomalies: number
  readonly bitten: number
  readonly missed: number
}

/** Why a campaign did not take place. */
export interface NotBegun {
  readonly missing: string
  readonly usage: boolean
}

/** After so many ends of its process a campaign is not begun again. */
const crashLimit = 3
/** A campaign of at least so many milliseconds is worth a second process: its start takes one or two seconds. */
const sharedFromMs = 8_000

interface Running {
  readonly workload: WorkloadName
  readonly plan: StepsPlan
}

/** What the command knows of one process of a campaign. */
class Watch {
  readonly running = new Map<number, Running>()
  version: string | undefined
  outstanding: ReadonlyArray<string> = []
  nextRound = 0
  underWay = 0
  faults: ReadonlyArray<string> = []
  private readonly tally: Tally

  constructor(tally: Tally) {
    this.tally = tally
  }

  hear(news: CampaignNews): void {
    switch (news.kind) {
      case "begins":
        this.version = news.version
        return this.tally.offers(news.offered)
      case "round":
        this.nextRound = news.next
        return void this.running.set(news.round, { workload: news.workload, plan: news.plan })
      case "round-end":
        this.running.delete(news.end.round)
        // Until it says again how far it is, what this round did is not under way any more.
        this.underWay = Math.max(0, this.underWay - news.end.operations)
        return this.tally.round(news.end)
      case "ends":
        return this.tally.left(news.processes)
      case "state":
        this.underWay = news.operations
        this.faults = news.faults
        this.outstanding = news.outstanding
    }
  }
}

const stateOf = (tally: Tally, watches: ReadonlyArray<Watch>): CampaignState => ({
  rounds: tally.rounds,
  operations: watches.reduce((sum, { underWay }) => sum + underWay, tally.operations),
  faults: [...new Set(watches.flatMap(({ faults }) => faults))],
  anomalies: tally.anomalousRounds(),
  bitten: tally.bitten().length,
  missed: tally.missed().length,
})

/** The rounds that ran when their process went, each as a scenario that may show it again. */
const brokenRounds = (
  watch: Watch,
  { how, message }: CampaignBreak,
  outDir: string,
): ReadonlyArray<CampaignAnomaly> => {
  const name = how === "silent" ? "stuck" : "defect"
  return [...watch.running].map(([round, { workload, plan }]) => {
    const sentence = `while round ${round} ran (${workload}), ${message}`
    const path = join(outDir, `${plan.provider}-${name}-${round}.json`)
    const scenario: StepsPlan = { ...plan, title: sentence, expect: { outcome: "fail", anomaly: name } }
    const kept = writeWhole(path, scenarioText(scenario)) === undefined
    return { name, rounds: 1, sentence, round, seed: plan.seed, workload, ...(kept ? { scenario: path } : {}) }
  })
}

/** A campaign while its processes run. */
class Processes {
  readonly tally = new Tally()
  readonly watches: Array<Watch> = []
  private readonly options: CampaignOptions
  private readonly fromMs = performance.now()
  /** Processes that rounds can be shared out to. */
  private readonly lanes: number

  constructor(options: CampaignOptions) {
    this.options = options
    this.lanes = options.durationMs < sharedFromMs ? 1 : options.processes
  }

  ms(): number {
    return Math.round(performance.now() - this.fromMs)
  }

  /** Runs one lane's rounds in a process, and in a fresh one after each crash, until the time is over. */
  async lane(index: number, onReady: (card: ProviderCard) => void = () => undefined): Promise<NotBegun | undefined> {
    const { options, tally } = this
    const watch = new Watch(tally)
    this.watches.push(watch)
    for (let crashes = 0; crashes < crashLimit;) {
      const leftMs = options.durationMs - (index === 0 && crashes === 0 ? 0 : this.ms())
      if (leftMs <= 0 || options.stop.signal.aborted) break
      const { end, late } = await this.oneChild(index, watch, leftMs, onReady)
      if (end.how === "unavailable") return { missing: end.missing, usage: false }
      if (end.how === "bad-provider") return { missing: end.message, usage: true }
      if (end.how === "harness-error") tally.harnessError(end.message)
      const broken = breakOf(end, late, watch, options.overtimeMs)
      if (broken === undefined) break
      tally.broke(broken, broken.how === "outer-limit" ? [] : brokenRounds(watch, broken, options.outDir))
      if (broken.how === "outer-limit") break
      watch.running.clear()
      crashes += 1
    }
    return undefined
  }

  /** In the virtual world a round keeps a core to itself: another process takes every other one. */
  async all(): Promise<NotBegun | undefined> {
    const others: Array<Promise<NotBegun | undefined>> = []
    const notBegun = await this.lane(0, ({ world }) => {
      if (world !== "virtual" || others.length > 0) return
      for (let index = 1; index < this.lanes; index++) others.push(this.lane(index))
    })
    await Promise.all(others)
    return notBegun
  }

  /** Runs one process of a campaign and ends it when it takes too long. */
  private async oneChild(index: number, watch: Watch, leftMs: number, onReady: (card: ProviderCard) => void) {
    const { stop, key, outDir, shard, seed, faults, overtimeMs, onState } = this.options
    const ending = new AbortController()
    const onStop = () => ending.abort()
    stop.signal.addEventListener("abort", onStop, { once: true })
    if (stop.signal.aborted) onStop()
    let late = false
    const limit = setTimeout(() => {
      late = true
      ending.abort()
    }, leftMs + overtimeMs)
    const args: CampaignArgs = {
      seed,
      durationMs: leftMs,
      shard,
      lane: { index, of: this.lanes },
      outDir,
      firstRound: watch.nextRound,
      bitten: this.tally.bitten(),
      ...(faults === undefined ? {} : { faults }),
    }
    try {
      const end = await runInChild({
        entry: this.options.entry,
        plan: {
          mode: "job",
          job: { name: "campaign", args },
          source: this.options.source,
          checks: [],
          seed,
          historyFile: "",
          ancestors: [readProcess(process.pid)!, ...stop.ancestors],
          stopMs: childStopMs,
        },
        signal: ending.signal,
        logFile: join(outDir, `${key}${index === 0 ? "" : `-${index + 1}`}.log`),
        silentMs: this.options.silentMs,
        onMessage: (message: ChildMessage) => {
          if (message.type === "ready") onReady(message.card)
          if (message.type !== "news") return
          watch.hear(message.news as CampaignNews)
          onState(stateOf(this.tally, this.watches))
        },
      })
      return { end, late }
    } finally {
      clearTimeout(limit)
      stop.signal.removeEventListener("abort", onStop)
    }
  }
}

/** What the end of a process means for the campaign; undefined when it is over as it should be. */
const breakOf = (end: ChildEnd, late: boolean, watch: Watch, overtimeMs: number): CampaignBreak | undefined => {
  const { outstanding } = watch
  if (late) {
    const running = [...watch.running].map(([round, { workload }]) => `round ${round} (${workload})`).join(", ")
    const message = `${running || "the campaign"} did not end within ${overtimeMs / 1000} s after the time was over`
    return { how: "outer-limit", message, outstanding }
  }
  if (end.how === "crashed" || end.how === "silent") return { how: end.how, message: end.message, outstanding }
  return undefined
}

/**
 * Runs a campaign in child processes until its time is over. What it found so far outlives them. Never rejects.
 */
export const campaign = async (options: CampaignOptions): Promise<CampaignResult | NotBegun> => {
  mkdirSync(options.outDir, { recursive: true })
  const processes = new Processes(options)
  const notBegun = await processes.all()
  if (notBegun !== undefined) return notBegun
  const { tally, watches } = processes
  const version = watches.find(({ version: known }) => known !== undefined)?.version ?? "unknown"
  return tally.result({ provider: options.key, version, seed: options.seed, ms: processes.ms() })
}
