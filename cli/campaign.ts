import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { StepsPlan } from "../contract/scenario.ts"
import type { ChildMessage, ProviderSource } from "../harness/children/messages.ts"
import { runInChild, type ChildEnd } from "../harness/children/run-in-child.ts"
import { readProcess } from "../harness/processes.ts"
import type { CampaignArgs, CampaignNews } from "../scenarios/campaign/news.ts"
import { Tally, type CampaignAnomaly, type CampaignBreak, type CampaignResult } from "../scenarios/campaign/tally.ts"
import type { WorkloadName } from "../scenarios/campaign/workload.ts"
import { scenarioText } from "../scenarios/scenario-text.ts"
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

interface Running {
  readonly workload: WorkloadName
  readonly plan: StepsPlan
}

/** What the command knows of a campaign while its process runs. */
class Watch {
  readonly tally = new Tally()
  readonly running = new Map<number, Running>()
  version = "unknown"
  outstanding: ReadonlyArray<string> = []
  nextRound = 0
  private underWay = 0
  private faults: ReadonlyArray<string> = []
  private readonly shardOf: number

  constructor(shardOf: number) {
    this.shardOf = shardOf
  }

  hear(news: CampaignNews): void {
    switch (news.kind) {
      case "begins":
        this.version = news.version
        return this.tally.offers(news.offered)
      case "round":
        this.nextRound = Math.max(this.nextRound, Math.floor(news.round / this.shardOf) + 1)
        return void this.running.set(news.round, { workload: news.workload, plan: news.plan })
      case "round-end":
        this.running.delete(news.end.round)
        return this.tally.round(news.end)
      case "state":
        this.underWay = news.operations
        this.faults = news.faults
        this.outstanding = news.outstanding
    }
  }

  state(): CampaignState {
    return {
      rounds: this.tally.rounds,
      operations: this.tally.operations + this.underWay,
      faults: this.faults,
      anomalies: this.tally.anomalousRounds(),
      bitten: this.tally.bitten().length,
      missed: this.tally.missed().length,
    }
  }
}

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
    try {
      mkdirSync(outDir, { recursive: true })
      writeFileSync(path, scenarioText(scenario))
    } catch {
      return { name, rounds: 1, sentence, round, seed: plan.seed, workload }
    }
    return { name, rounds: 1, sentence, round, seed: plan.seed, workload, scenario: path }
  })
}

/** Runs one process of a campaign and ends it when it takes too long. */
const oneChild = async (options: CampaignOptions, watch: Watch, leftMs: number) => {
  const { stop, key, outDir, shard, seed, faults } = options
  const ending = new AbortController()
  const onStop = () => ending.abort()
  stop.signal.addEventListener("abort", onStop, { once: true })
  if (stop.signal.aborted) onStop()
  let late = false
  const limit = setTimeout(() => {
    late = true
    ending.abort()
  }, leftMs + options.overtimeMs)
  const args: CampaignArgs = {
    seed,
    durationMs: leftMs,
    shard,
    outDir,
    firstRound: watch.nextRound,
    bitten: watch.tally.bitten(),
    ...(faults === undefined ? {} : { faults }),
  }
  try {
    const end = await runInChild({
      entry: options.entry,
      plan: {
        mode: "job",
        job: { name: "campaign", args },
        source: options.source,
        checks: [],
        seed,
        historyFile: "",
        ancestors: [readProcess(process.pid)!, ...stop.ancestors],
        stopMs: childStopMs,
      },
      signal: ending.signal,
      logFile: join(outDir, `${key}.log`),
      silentMs: options.silentMs,
      onMessage: (message: ChildMessage) => {
        if (message.type !== "news") return
        watch.hear(message.news as CampaignNews)
        options.onState(watch.state())
      },
    })
    return { end, late }
  } finally {
    clearTimeout(limit)
    stop.signal.removeEventListener("abort", onStop)
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
 * Runs a campaign in a child process, and in a fresh one after each crash, until its time is over. What it found so
 * far outlives the process. Never rejects.
 */
export const campaign = async (options: CampaignOptions): Promise<CampaignResult | NotBegun> => {
  const watch = new Watch(options.shard.of)
  const fromMs = performance.now()
  mkdirSync(options.outDir, { recursive: true })
  for (let crashes = 0; crashes < crashLimit;) {
    const leftMs = crashes === 0 ? options.durationMs : options.durationMs - (performance.now() - fromMs)
    if (leftMs <= 0 || options.stop.signal.aborted) break
    const { end, late } = await oneChild(options, watch, leftMs)
    if (end.how === "unavailable") return { missing: end.missing, usage: false }
    if (end.how === "bad-provider") return { missing: end.message, usage: true }
    if (end.how === "harness-error") watch.tally.harnessError(end.message)
    const broken = breakOf(end, late, watch, options.overtimeMs)
    if (broken === undefined) break
    watch.tally.broke(broken, broken.how === "outer-limit" ? [] : brokenRounds(watch, broken, options.outDir))
    if (broken.how === "outer-limit") break
    watch.running.clear()
    crashes += 1
  }
  const ms = Math.round(performance.now() - fromMs)
  return watch.tally.result({ provider: options.key, version: watch.version, seed: options.seed, ms })
}
