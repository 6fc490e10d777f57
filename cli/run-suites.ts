import { createWriteStream, existsSync, readFileSync, rmSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import pLimit from "p-limit"
import { contractVersion, type Run } from "../contract/run.ts"
import type { StepsPlan } from "../contract/scenario.ts"
import type { Check } from "../harness/check.ts"
import { runInChildren, type ProviderEnd, type RunInChildrenOptions } from "../harness/children/run-in-children.ts"
import { runShared } from "../harness/children/run-shared.ts"
import type { ProviderSource, ResetDepth } from "../harness/children/messages.ts"
import { readProcess } from "../harness/processes.ts"
import { readLines } from "../harness/read-lines.ts"
import { replayCommand } from "../harness/replay-command.ts"
import { isSealLine } from "../history/sealed-section.ts"
import { everyProvider, registry } from "../providers/registry.ts"
import type { Progress } from "./progress.ts"
import type { KnownProvider } from "./select-providers.ts"
import { childStopMs, type StopSignals } from "./stop-signals.ts"

/** What a run of the suites needs. */
export interface RunSuitesOptions {
  /** Each provider with its own checks: after `--failed` they differ. */
  readonly work: ReadonlyArray<{ readonly provider: KnownProvider; readonly checks: ReadonlyArray<Check> }>
  readonly allChecks: ReadonlyArray<Check>
  readonly seed: number
  readonly reset: ResetDepth | undefined
  /** Also measure what a store costs the platform, where the host tells. */
  readonly costs?: boolean
  /** A plan of steps to run instead of checks. */
  readonly steps?: StepsPlan
  /** `history.ndjson` and the providers' own output are written here. */
  readonly outDir: string
  /** Where LiveStore's code comes from a working copy: its path, as it was typed. */
  readonly livestorePath?: string
  readonly stop: StopSignals
  readonly progress: Progress
}

/** Providers that run at the same time. */
const providersAtOnce = 2

/** Processes that share the checks of a provider at most, and how many checks make a second one worth its start. */
const mostShares = 2
const worthSharing = 40

/** A child whose event loop has not turned for this long is ended, in milliseconds. */
const silentMs = 60_000

/** The process for a provider. Our own hang nothing on asynchronous contexts; an author's file may. */
export const childEntry = ({ kind }: ProviderSource): URL =>
  new URL(kind === "registered" ? "./bare-child.ts" : "./child.ts", import.meta.url)

/** This harness's version, from its package. */
const harnessVersion = (): string => {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8")
  return (JSON.parse(text) as { readonly version: string }).version
}

/** Runs checks on providers, each in a child process of its own, and gathers the run. */
export const runSuites = async (options: RunSuitesOptions): Promise<Run> => {
  const started = new Date()
  const limit = pLimit(providersAtOnce)
  const ends: Array<ProviderEnd> = []
  const begun = longestFirst(options.work).map((index) =>
    limit(async () => {
      ends[index] = await runOne(options, index)
    }),
  )
  await Promise.all(begun)
  await joinHistories(options)
  return {
    schema: 1,
    contract: contractVersion,
    harness: harnessVersion(),
    started: started.toISOString(),
    ms: Date.now() - started.getTime(),
    runs: ends.flatMap((end) => (end.how === "ran" ? [end.run] : [])),
    unavailable: ends.flatMap((end, index) => {
      if (end.how === "unavailable") return [{ provider: end.provider, missing: end.missing }]
      if (end.how !== "bad-provider") return []
      return [{ provider: options.work[index]!.provider.key, missing: end.message }]
    }),
    ...(options.stop.signal.aborted ? { interrupted: true } : {}),
  }
}

/**
 * The places of the providers in the order in which they begin: published ones wait through many deadlines, which
 * takes longest and no processor, so that the others run beside it.
 */
const longestFirst = (work: RunSuitesOptions["work"]): ReadonlyArray<number> => {
  const published = new Set(everyProvider.flatMap(({ key, origin }) => (origin === "published" ? [key] : [])))
  const place = (index: number) => (published.has(work[index]!.provider.key) ? 0 : 1)
  return [...work.keys()].toSorted((a, b) => place(a) - place(b))
}

const runOne = async (options: RunSuitesOptions, index: number): Promise<ProviderEnd> => {
  const { provider, checks } = options.work[index]!
  const { progress, stop } = options
  if (stop.signal.aborted) {
    return { how: "unavailable", provider: provider.key, missing: "interrupted before it began" }
  }
  progress.begin(provider.key, checks.length)
  const input: RunInChildrenOptions = {
    entry: childEntry(provider.source),
    name: provider.key,
    checks,
    allChecks: options.allChecks,
    plan: {
      mode: "run",
      source: provider.source,
      checks: checks.map(({ id }) => id),
      seed: options.seed,
      ...(options.reset === undefined ? {} : { reset: options.reset }),
      ...(options.steps === undefined ? {} : { steps: options.steps }),
      costs: options.costs === true,
      historyFile: partFiles(options.outDir, index, 1)[0]!,
      ancestors: [readProcess(process.pid)!, ...stop.ancestors],
      stopMs: childStopMs,
    },
    signal: stop.signal,
    logFile: join(options.outDir, `output-${index}.log`),
    silentMs,
    onStart: (id) => progress.start(provider.key, id),
    onResult: (result) => progress.result(provider.key, result),
  }
  const files = partFiles(options.outDir, index, processesOf(options, index))
  const end = await (files.length === 1 ? runInChildren(input) : runShared(input, files))
  progress.end(provider.key, howItEnded(end))
  return end.how === "ran" ? { how: "ran", run: withReplays(options, provider, end.run) } : end
}

/** Processes that share one provider's checks: where time is real, or other providers want the processors, it is one. */
const processesOf = ({ work }: RunSuitesOptions, index: number): number => {
  const { provider, checks } = work[index]!
  const virtual = registry.some(({ key, virtual = false }) => virtual && key === provider.key)
  const worthIt = virtual && work.length === 1 && checks.length >= worthSharing
  return worthIt ? Math.min(mostShares, availableParallelism()) : 1
}

const howItEnded = (end: ProviderEnd): string => {
  if (end.how === "unavailable") return `not available: ${end.missing}`
  if (end.how === "bad-provider") return end.message
  const { pass, fail, harnessError } = end.run.summary
  const others = end.run.checks.length - pass - fail - harnessError
  const words = [`${pass} passed`, `${fail} failed`, ...(harnessError > 0 ? [`${harnessError} harness errors`] : [])]
  return `${[...words, ...(others > 0 ? [`${others} others`] : [])].join(", ")} in ${(end.run.ms / 1000).toFixed(1)} s`
}

type EndedRun = Extract<ProviderEnd, { readonly how: "ran" }>["run"]

/** Only the command knows how the provider was named. */
const withReplays = (options: RunSuitesOptions, { source, name }: KnownProvider, run: EndedRun): EndedRun => ({
  ...run,
  checks: run.checks.map((check) => ({
    ...check,
    replay: replayCommand({
      provider: run.provider,
      check: check.id,
      seed: check.seed,
      ...(source.kind === "file" ? { providerFile: name } : {}),
      ...(source.kind === "registered" && source.bundles !== undefined ? { livestorePath: options.livestorePath } : {}),
      ...(options.reset === undefined ? {} : { reset: options.reset }),
    }),
  })),
})

/** Where the processes of one provider write their history, a file each. */
const partFiles = (outDir: string, index: number, processes: number): ReadonlyArray<string> =>
  Array.from({ length: processes }, (_, nth) => join(outDir, `history-${index}-${nth}.part`))

/** Joins the children's histories in the order of the providers; a section that a dying child cut short is left out. */
const joinHistories = async ({ work, outDir }: RunSuitesOptions): Promise<void> => {
  const joined = createWriteStream(join(outDir, "history.ndjson"))
  const parts = [...work.keys()].flatMap((index) => partFiles(outDir, index, mostShares))
  for (const part of parts) {
    if (!existsSync(part)) continue
    let section = ""
    for await (const line of readLines(part)) {
      section += `${line}\n`
      if (!isSealLine(line)) continue
      if (!joined.write(section)) await new Promise<void>((resolve) => joined.once("drain", () => resolve()))
      section = ""
    }
    rmSync(part)
  }
  await new Promise<void>((resolve) => joined.end(resolve))
}
