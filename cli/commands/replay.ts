import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative, resolve } from "node:path"
import type { Run } from "../../contract/run.ts"
import type { Plan, StepsPlan } from "../../contract/scenario.ts"
import type { Check } from "../../harness/check.ts"
import { plural } from "../../reports/headline.ts"
import { firstLine } from "../../harness/children/serve.ts"
import { exitCodeOf } from "../../harness/exit-code.ts"
import { defineCommand, type Input } from "../command.ts"
import { probeFiles } from "../probe-files.ts"
import { makeProgress } from "../progress.ts"
import { exitOf, namingFault, replaysOf, shows, summed, type Replayed, type ReplayDocument } from "../replayed.ts"
import { runSuites } from "../run-suites.ts"
import { selectProviders } from "../select-providers.ts"
import { listenForStop, type StopSignals } from "../stop-signals.ts"
import { UsageError } from "../usage-error.ts"

const flags = {
  provider: { value: "KEY", help: "another provider than the plan's" },
  "provider-file": { value: "FILE", help: "a provider of your own" },
  times: { value: "N", integer: true, help: "how often (1): says how often it fails" },
  shrink: { help: "make a plan of steps smaller, as long as it fails in the same way" },
  json: { help: "{ schema, provider, times, reproduced, outcome, anomaly } on standard output" },
} as const

export const command = defineCommand({
  name: "replay",
  summary: "run a saved plan again",
  args: ["FILE"],
  flags,
  more: `A plan of one check is { "kind": "check", "schema": 1, "contract": "1.0.0", "id": "push/atomic", "provider": "mock", "seed": 1 }.
Plans of steps are what "gauntlet sim", "gauntlet chaos" and "gauntlet scenario new" write. The exit code is that of the gravest replay.`,
  examples: [
    ["gauntlet replay plan.json", "once, on the plan's provider"],
    ["gauntlet replay plan.json --provider cf-ws-do --times 20", "how often another provider shows it"],
    ["gauntlet replay plan.json --shrink", "write a smaller plan beside it; Ctrl-C leaves the smallest so far"],
  ],
  run: async (input) => {
    const { io } = input
    const file = resolve(io.cwd, input.args[0] ?? "")
    const plan = await readPlanFile(file)
    const times = input.flags.times ?? 1
    if (times === 0) throw new UsageError("--times 0 runs nothing; give 1 or more")
    if (input.flags.shrink && plan.kind === "check") {
      throw new UsageError("--shrink makes plans of steps smaller; this one is of a check, which has none")
    }
    const progress = makeProgress(io)
    const stop = listenForStop({ onStop: (why) => progress.say(`stopping (${why})`), onEndNow: () => undefined })
    try {
      const { replay, key } = await replayerOf(plan, input, stop)
      const { runs, code, away, provider = key } = await replay(plan, times)
      const document = summed(plan, provider, runs)
      const small =
        input.flags.shrink && plan.kind === "steps" && !stop.signal.aborted
          ? await shrunk(plan, document, replay, { file, stop, say: progress.say })
          : undefined
      progress.close()
      const written = small === undefined ? undefined : await writeSmall(file, small)
      if (written !== undefined && stop.signal.aborted) {
        io.err(`stopped; go on with: npx -y pnpm@12 gauntlet replay ${relative(io.cwd, written)} --shrink\n`)
      }
      if (input.flags.json) io.out(`${JSON.stringify(document, undefined, 2)}\n`)
      else io.out(tell(plan, document, runs, away, written === undefined ? undefined : relative(io.cwd, written)))
      return stop.signal.aborted ? 130 : code
    } finally {
      progress.close()
      stop.close()
    }
  },
})

/** Replays of one plan: how each ended, the exit code, and why nothing ran if nothing did. */
interface Replays {
  /** The key of the provider that ran, where the runs know it. */
  readonly provider?: string
  readonly runs: ReadonlyArray<Replayed>
  readonly code: number
  readonly away?: string
}

interface Replayer {
  readonly key: string
  readonly replay: (plan: Plan, times: number) => Promise<Replays>
}

const readPlanFile = async (path: string): Promise<Plan> => {
  const { PlanError, readPlan } = await import("../../scenarios/read-plan.ts")
  try {
    return readPlan(readFileSync(path, "utf8"))
  } catch (error) {
    if (error instanceof PlanError) throw new UsageError(`${path} is no plan: ${error.message}`)
    throw new UsageError(`cannot read a plan from ${path}: ${firstLine(error)}`)
  }
}

/** Plans of steps run in this process in the virtual world; everything else in a child process of its own. */
const replayerOf = async (plan: Plan, input: Input<typeof flags>, stop: StopSignals): Promise<Replayer> => {
  const key = input.flags.provider ?? plan.provider
  if (plan.kind === "steps" && input.flags["provider-file"] === undefined) {
    const { refuseLacking, replayVirtual, virtualProvider } = await import("../replay-virtual.ts")
    const provider = await virtualProvider(key)
    if (provider !== undefined) {
      refuseLacking(plan, provider)
      return {
        key,
        replay: async (candidate, times) => {
          const runs = await replayVirtual(candidate as StepsPlan, provider, times, stop.signal)
          return { runs, code: exitOf(runs) }
        },
      }
    }
  }
  return {
    key: input.flags["provider-file"] ?? key,
    replay: async (candidate, times) => {
      const runs = await runTimes(candidate, times, input, stop)
      const away = runs[0]?.unavailable[0]
      const named = [away?.provider ?? key]
      const ranks = runs.map((run) => exitRank(exitCodeOf({ run, named, interrupted: run.interrupted === true })))
      // A provider of one's own has the key that its file gives it.
      const ran = runs[0]?.runs[0]?.provider
      return {
        ...(ran === undefined ? {} : { provider: ran }),
        runs: runs.flatMap(replaysOf).map((run) => namingFault(candidate, run)),
        code: Math.max(...ranks) % 1_000,
        ...(away === undefined ? {} : { away: `${away.provider} is not available: ${away.missing}` }),
      }
    },
  }
}

/** The order in which exit codes win, with the code in the last three digits. */
const exitRank = (code: number): number => ({ 0: 0, 2: 1_002, 1: 2_001, 3: 3_003, 130: 4_130 })[code] ?? 3_003

const runTimes = async (
  plan: Plan,
  times: number,
  { flags: given, io }: Input<typeof flags>,
  stop: StopSignals,
): Promise<ReadonlyArray<Run>> => {
  const { checks: allChecks } = await import("../../suites/index.ts")
  const checks: ReadonlyArray<Check> =
    plan.kind === "check"
      ? allChecks.filter(({ id }) => id === plan.id)
      : [(await import("../../workloads/plan-check.ts")).planCheck(plan)]
  if (checks.length === 0 && plan.kind === "check")
    throw new UsageError(`the plan's check "${plan.id}" is not in these suites; see "gauntlet list"`)
  const file = given["provider-file"]
  const keys = file === undefined ? [given.provider ?? plan.provider] : []
  const chosen = selectProviders({ keys, files: file === undefined ? [] : [file], cwd: io.cwd })
  const progress = makeProgress(io)
  const outDir = mkdtempSync(join(tmpdir(), "gauntlet-replay-"))
  const runs: Array<Run> = []
  try {
    const work = (await probeFiles(chosen, stop)).map((provider) => ({ provider, checks }))
    for (let nth = 0; nth < times && !stop.signal.aborted; nth++) {
      const steps = plan.kind === "steps" ? { steps: plan } : {}
      runs.push(
        await runSuites({ work, allChecks, seed: plan.seed, reset: undefined, outDir, stop, progress, ...steps }),
      )
    }
    return runs
  } finally {
    progress.close()
    rmSync(outDir, { recursive: true, force: true })
  }
}

/** How often a candidate runs, how often it has to fail and how many are tried, where runs take their time and are not all alike. */
const triesOfReal = { runs: 3, most: 2, effort: { candidates: 300, pairsUpTo: 0 } }

/** What becomes of a plan while it is made smaller. */
interface ShrinkTold {
  readonly file: string
  readonly stop: StopSignals
  readonly say: (text: string) => void
}

/**
 * A smaller plan that fails in the same way, most of the times that it is tried. Each that is smaller is written at
 * once: whoever stops it has the smallest so far, and can go on from there.
 */
const shrunk = async (
  plan: StepsPlan,
  document: ReplayDocument,
  replay: Replayer["replay"],
  { file, stop, say }: ShrinkTold,
): Promise<StepsPlan> => {
  if (document.reproduced === 0) throw new UsageError("the plan did not fail, so there is nothing to make smaller")
  const { shrinkPlan } = await import("../../scenarios/shrink-plan.ts")
  const { scenarioText } = await import("../../scenarios/scenario-text.ts")
  const { virtualProvider } = await import("../replay-virtual.ts")
  const virtual = await virtualProvider(document.provider).catch(() => undefined)
  const { runs, most, effort } = virtual === undefined ? triesOfReal : { runs: 1, most: 1, effort: {} }
  const wanted = document.anomaly
  let best = plan
  let saidAtMs = performance.now()
  const onSmaller = (smaller: StepsPlan, tried: number): void => {
    best = smaller
    writeFileSync(smallFile(file), scenarioText(smaller))
    if (performance.now() - saidAtMs < sayEveryMs) return
    saidAtMs = performance.now()
    const { clients, steps, faults } = smaller
    const size = [plural(clients.length, "client"), plural(steps.length, "step"), plural(faults.length, "fault")]
    say(`${tried} tried, left: ${size.join(", ")}`)
  }
  const fails = async (candidate: StepsPlan) => {
    if (stop.signal.aborted) return false
    let shown = 0
    // As soon as the majority is certain the rest of the runs says nothing more.
    for (let left = runs; left > 0 && shown < most && shown + left >= most && !stop.signal.aborted; left--) {
      const tried = (await replay(candidate, 1)).runs
      shown += tried.filter((run) => shows(candidate, run) && run.anomaly === wanted).length
    }
    return shown >= most
  }
  const small = await shrinkPlan(plan, fails, { ...effort, onSmaller })
  return stop.signal.aborted ? best : small
}

/** How often it is said how small the plan is, in milliseconds. */
const sayEveryMs = 5_000

const smallFile = (file: string): string =>
  file.endsWith(".small.json") ? file : file.replace(/(\.json)?$/, ".small.json")

const writeSmall = async (file: string, plan: StepsPlan): Promise<string> => {
  const { scenarioText } = await import("../../scenarios/scenario-text.ts")
  const path = smallFile(file)
  writeFileSync(path, scenarioText(plan))
  return path
}

const tell = (
  plan: Plan,
  document: ReplayDocument,
  runs: ReadonlyArray<Replayed>,
  away: string | undefined,
  small: string | undefined,
): string => {
  if (away !== undefined) return `${away}\n`
  const shown = runs.find((run) => shows(plan, run)) ?? runs[0]
  const anomaly = shown?.anomaly === undefined ? "" : ` (${shown.anomaly})`
  const why = shown?.reason === undefined ? "" : `\n  ${shown.reason}`
  const smaller = small === undefined ? "" : `\nA smaller plan: ${small}`
  return `${titleOf(plan, shown?.reason)} on ${document.provider}, seed ${plan.seed}: ${document.reproduced} of ${document.times} show it; ${document.outcome}${anomaly}${why}${smaller}\n`
}

/** What ran, in words. A title that only says what is said as the reason is left out. */
const titleOf = (plan: Plan, reason: string | undefined): string => {
  if (plan.kind === "check") return plan.id
  if (plan.title !== undefined && plan.title !== reason) return plan.title
  const { clients, steps, faults } = plan
  return `${plural(clients.length, "client")}, ${plural(steps.length, "step")}, ${plural(faults.length, "fault")}`
}
