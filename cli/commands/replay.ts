import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { Result, Schema } from "effect"
import type { CheckResult, Run } from "../../contract/run.ts"
import { CheckPlan, Plan } from "../../contract/scenario.ts"
import { exitCodeOf } from "../../harness/exit-code.ts"
import { defineCommand, type Input } from "../command.ts"
import { probeFiles } from "../probe-files.ts"
import { makeProgress } from "../progress.ts"
import { runSuites } from "../run-suites.ts"
import { selectProviders } from "../select-providers.ts"
import { listenForStop } from "../stop-signals.ts"
import { UsageError } from "../usage-error.ts"
import { firstLine } from "../../harness/children/serve.ts"

const flags = {
  provider: { value: "KEY", help: "another provider than the plan's" },
  "provider-file": { value: "FILE", help: "a provider of your own" },
  times: { value: "N", integer: true, help: "how often (1): says how often it fails" },
  json: { help: "{ schema, provider, times, reproduced, outcome, anomaly } on standard output" },
} as const

export const command = defineCommand({
  name: "replay",
  summary: "run a saved plan again",
  args: ["FILE"],
  flags,
  more: `A plan of one check is { "kind": "check", "schema": 1, "contract": "1.0.0", "id": "push/atomic", "provider": "mock", "seed": 1 }.
The exit code is that of the gravest replay.`,
  examples: [
    ["gauntlet replay plan.json", "once, on the plan's provider"],
    ["gauntlet replay plan.json --provider cf-ws-do --times 20", "how often another provider shows it"],
  ],
  run: async (input) => {
    const { io } = input
    const plan = readPlan(resolve(io.cwd, input.args[0] ?? ""))
    const times = input.flags.times ?? 1
    if (times === 0) throw new UsageError("--times 0 runs nothing; give 1 or more")
    const runs = await runTimes(plan, times, input)
    const results = runs.flatMap((run) => run.runs.flatMap(({ checks }) => checks))
    const shown = results.find(shows) ?? results[0]
    const document = {
      schema: 1,
      provider: runs[0]?.runs[0]?.provider ?? runs[0]?.unavailable[0]?.provider ?? plan.provider,
      times: results.length,
      reproduced: results.filter(shows).length,
      outcome: shown?.outcome ?? "unknown",
      ...(shown?.anomaly === undefined ? {} : { anomaly: shown.anomaly }),
    }
    if (input.flags.json) io.out(`${JSON.stringify(document, undefined, 2)}\n`)
    else io.out(tell(plan, document, shown, runs[0]))
    const named = [document.provider]
    return (
      Math.max(...runs.map((run) => exitRank(exitCodeOf({ run, named, interrupted: run.interrupted === true })))) %
      1_000
    )
  },
})

/** The order in which exit codes win, with the code in the last three digits. */
const exitRank = (code: number): number => ({ 0: 0, 2: 1_002, 1: 2_001, 3: 3_003, 130: 4_130 })[code] ?? 3_003

const shows = ({ outcome }: CheckResult): boolean =>
  outcome !== "pass" && outcome !== "unsupported" && outcome !== "unknown"

const readPlan = (path: string): CheckPlan => {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, "utf8"))
  } catch (error) {
    throw new UsageError(`cannot read a plan from ${path}: ${firstLine(error)}`)
  }
  const plan = Schema.decodeUnknownResult(Plan)(json)
  if (Result.isFailure(plan)) {
    const kind = Schema.decodeUnknownResult(CheckPlan)(json)
    const why = Result.isFailure(kind) ? firstLine(kind.failure.message) : "it fits no kind of plan"
    throw new UsageError(`${path} is no plan: ${why}; see "gauntlet replay --help"`)
  }
  if (plan.success.kind === "check") return plan.success
  throw new UsageError(`${path} is a plan of steps; only plans of a check can be replayed by this version`)
}

const runTimes = async (
  plan: CheckPlan,
  times: number,
  { flags: given, io }: Input<typeof flags>,
): Promise<ReadonlyArray<Run>> => {
  const { checks: allChecks } = await import("../../suites/index.ts")
  const checks = allChecks.filter(({ id }) => id === plan.id)
  if (checks.length === 0)
    throw new UsageError(`the plan's check "${plan.id}" is not in these suites; see "gauntlet list"`)
  const file = given["provider-file"]
  const keys = file === undefined ? [given.provider ?? plan.provider] : []
  const chosen = selectProviders({ keys, files: file === undefined ? [] : [file], cwd: io.cwd })
  const progress = makeProgress(io)
  const outDir = mkdtempSync(join(tmpdir(), "gauntlet-replay-"))
  const discard = () => rmSync(outDir, { recursive: true, force: true })
  const stop = listenForStop({ onStop: (why) => progress.say(`stopping (${why})`), onEndNow: discard })
  const runs: Array<Run> = []
  try {
    const work = (await probeFiles(chosen, stop)).map((provider) => ({ provider, checks }))
    for (let nth = 0; nth < times && !stop.signal.aborted; nth++) {
      runs.push(await runSuites({ work, allChecks, seed: plan.seed, reset: undefined, outDir, stop, progress }))
    }
    return runs
  } finally {
    progress.close()
    stop.close()
    discard()
  }
}

const tell = (
  plan: CheckPlan,
  document: {
    readonly provider: string
    readonly times: number
    readonly reproduced: number
    readonly outcome: string
  },
  shown: CheckResult | undefined,
  run: Run | undefined,
): string => {
  const away = run?.unavailable[0]
  if (away !== undefined) return `${away.provider} is not available: ${away.missing}\n`
  const anomaly = shown?.anomaly === undefined ? "" : ` (${shown.anomaly})`
  const why = shown?.reason === undefined ? "" : `\n  ${shown.reason}`
  return `${plan.id} on ${document.provider}, seed ${plan.seed}: ${document.reproduced} of ${document.times} show it; ${document.outcome}${anomaly}${why}\n`
}
