import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pLimit from "p-limit"
import type { Plan, StepsPlan } from "../contract/scenario.ts"
import type { Check } from "../harness/check.ts"
import { tryCheck } from "../harness/trial.ts"
import type { NamedScenario } from "../scenarios/bugs/known-bugs.ts"
import { checks as allChecks } from "../suites/index.ts"
import { planCheck } from "../workloads/plan-check.ts"
import type { Progress } from "./progress.ts"
import { replayVirtual, virtualProvider } from "./replay-virtual.ts"
import { replaysOf, type Replayed } from "./replayed.ts"
import { runSuites } from "./run-suites.ts"
import type { StopSignals } from "./stop-signals.ts"

/** Runs of named scenarios on one provider: by name, how each run ended. */
export type Replays = ReadonlyMap<string, ReadonlyArray<Replayed>>

/** A provider with the scenarios that run on it, so often each. */
export interface BugsOnProvider {
  readonly key: string
  readonly scenarios: ReadonlyArray<NamedScenario>
  readonly times: number
}

interface Means {
  readonly stop: StopSignals
  readonly progress: Progress
}

/** Providers that run at the same time. */
const providersAtOnce = 2

/** Runs scenarios on their providers, two of these at once; what a provider that is not available misses is `unknown`. */
export const replayBugs = async (
  work: ReadonlyArray<BugsOnProvider>,
  means: Means,
): Promise<ReadonlyArray<Replays>> => {
  const limit = pLimit(providersAtOnce)
  return Promise.all(work.map((one) => limit(() => onProvider(one, means))))
}

const onProvider = async (work: BugsOnProvider, means: Means): Promise<Replays> => {
  const provider = await virtualProvider(work.key)
  const found = new Map<string, Array<Replayed>>(work.scenarios.map(({ name }) => [name, []]))
  if (provider !== undefined) {
    for (const { name, plan } of work.scenarios) {
      const runs =
        plan.kind === "steps"
          ? await replayVirtual(plan, provider, work.times, means.stop.signal)
          : Array.from({ length: work.times }, (): Replayed => inVirtual(tryCheck(provider, checkOf(plan), plan.seed)))
      found.get(name)!.push(...runs)
    }
    return found
  }
  for (let nth = 0; nth < work.times && !means.stop.signal.aborted; nth++) {
    for (const batch of batchesOf(work.scenarios)) {
      if (means.stop.signal.aborted) return found
      const runs = await runBatch(work.key, batch, means)
      for (const [n, { name }] of batch.entries()) found.get(name)!.push(runs[n]!)
    }
  }
  return found
}

const inVirtual = ({ outcome, reason, anomalies }: ReturnType<typeof tryCheck>): Replayed => {
  const anomaly = anomalies[0]?.name
  const found = anomalies.map(({ name }) => name)
  return { outcome, found, ...(reason === undefined ? {} : { reason }), ...(anomaly === undefined ? {} : { anomaly }) }
}

/** What one child runs: all checks of one seed beside each other, each plan of steps alone. */
const batchesOf = (scenarios: ReadonlyArray<NamedScenario>): ReadonlyArray<ReadonlyArray<NamedScenario>> => {
  const steps = scenarios.filter(({ plan }) => plan.kind === "steps")
  const checks = Map.groupBy(
    scenarios.filter(({ plan }) => plan.kind === "check"),
    ({ plan }) => plan.seed,
  )
  return [...checks.values(), ...steps.map((one) => [one])]
}

const checkOf = (plan: Plan): Check => {
  if (plan.kind === "steps") return planCheck(plan)
  const check = allChecks.find(({ id }) => id === plan.id)
  if (check === undefined) throw new Error(`there is no check "${plan.id}"`)
  return check
}

/** One run of each scenario of a batch, in their order. */
const runBatch = async (
  key: string,
  batch: ReadonlyArray<NamedScenario>,
  { stop, progress }: Means,
): Promise<ReadonlyArray<Replayed>> => {
  const outDir = mkdtempSync(join(tmpdir(), "gauntlet-bugs-"))
  try {
    const { plan } = batch[0]!
    const run = await runSuites({
      work: [
        {
          provider: { key, name: key, source: { kind: "registered", key } },
          checks: [...new Set(batch.map((one) => checkOf(one.plan)))],
        },
      ],
      allChecks,
      seed: plan.seed,
      reset: undefined,
      outDir,
      stop,
      progress,
      ...(plan.kind === "steps" ? { steps: plan satisfies StepsPlan } : {}),
    })
    const away = run.unavailable[0]
    const byId = new Map(
      run.runs.flatMap((one) => one.checks.map(({ id }, n) => [id, replaysOf({ ...run, runs: [one] })[n]!] as const)),
    )
    return batch.map(
      (one): Replayed =>
        byId.get(checkOf(one.plan).id) ?? {
          outcome: "unknown",
          reason: away === undefined ? "it did not run" : `${key} is not available: ${away.missing}`,
        },
    )
  } finally {
    rmSync(outDir, { recursive: true, force: true })
  }
}
