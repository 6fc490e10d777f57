import { availableParallelism } from "node:os"
import { mkdirSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import type { SimResult } from "../../scenarios/sim-pool.ts"
import { defineCommand } from "../command.ts"
import type { Io } from "../io.ts"
import { listenForStop } from "../stop-signals.ts"
import { makeSimProgress } from "../sim-progress.ts"
import { UsageError } from "../usage-error.ts"

const defaultSeeds = 1_000

/** Where scenarios of failures are written. */
const outDir = fileURLToPath(new URL("../../reports/out/sim", import.meta.url))

export const command = defineCommand({
  name: "sim",
  summary: "simulation: drawn workloads and faults in the virtual world, thousands a minute",
  args: [],
  flags: {
    provider: { value: "KEY", help: "a provider of the virtual world (mock)" },
    mutant: { value: "ID", help: "the mock with this planted bug in it" },
    seeds: { value: "N", integer: true, help: `how many (${defaultSeeds})` },
    start: { value: "S", integer: true, help: "the first seed (1)" },
    shard: { value: "i/n", help: "only every nth seed, from the ith on" },
    json: {
      help: "{ schema, seeds, failures, seedsPerMinute, faultsReached, faultsMissed, statesMissed } on standard output",
    },
  },
  more: `Each seed draws its own workload of three clients, its own faults and how often they come. Faults on first; then
everything is healed and all must converge and go quiet. A failure is made small and written as a scenario, with the
command that replays it. Exit code 1: something failed.`,
  examples: [
    ["gauntlet sim --seeds 10000", "the reference backend under everything that it offers"],
    ["gauntlet sim --start 4711 --seeds 1", "one seed again"],
    ["gauntlet sim --seeds 100000 --shard 1/4", "a quarter of a nightly"],
  ],
  run: async ({ flags, io }) => {
    if (flags.provider !== undefined && flags.mutant !== undefined) {
      throw new UsageError("--provider and --mutant exclude each other; leave one out")
    }
    const seeds = seedsOf(flags.start ?? 1, flags.seeds ?? defaultSeeds, flags.shard)
    const [{ simulateInPool, UnfitTarget }, { targetOf }] = await Promise.all([
      import("../../scenarios/sim-pool.ts"),
      import("../../scenarios/load-target.ts"),
    ])
    const key = flags.provider ?? "mock"
    const target = flags.mutant === undefined ? targetOf(key) : ({ kind: "mutant", id: flags.mutant } as const)
    const progress = makeSimProgress(io, seeds.length)
    const stop = listenForStop({ onStop: () => progress.close(), onEndNow: () => undefined })
    try {
      const result = await simulateInPool({
        target,
        seeds,
        workers: Math.min(2, availableParallelism()),
        signal: stop.signal,
        onSeeds: progress.seeds,
        onShrink: progress.shrinks,
      })
      progress.close()
      await tell(result, { io, json: flags.json, seedsPerMinute: progress.seedsPerMinute() })
      if (stop.signal.aborted) return 130
      return result.failures.length === 0 ? 0 : 1
    } catch (error) {
      progress.close()
      if (error instanceof UnfitTarget) throw new UsageError(error.message)
      throw error
    } finally {
      stop.close()
    }
  },
})

/** The seeds of this run: from `start` on, or every nth of them. */
const seedsOf = (start: number, count: number, shard: string | undefined): ReadonlyArray<number> => {
  if (count === 0) throw new UsageError("--seeds 0 runs nothing; give 1 or more")
  const all = Array.from({ length: count }, (_, n) => start + n)
  if (shard === undefined) return all
  const [, i, n] = /^(\d+)\/(\d+)$/.exec(shard) ?? []
  const [at, of] = [Number(i), Number(n)]
  if (i === undefined || at < 1 || at > of) throw new UsageError(`--shard ${shard}: write it as 1/4, 2/4, 3/4 or 4/4`)
  const own = all.filter((_, index) => index % of === at - 1)
  if (own.length === 0) throw new UsageError(`--shard ${shard} has none of ${count} seeds; give more with --seeds`)
  return own
}

interface Telling {
  readonly io: Io
  readonly json: boolean
  readonly seedsPerMinute: number
}

const tell = async (result: SimResult, { io, json, seedsPerMinute }: Telling): Promise<void> => {
  const { states } = await import("../../scenarios/states.ts")
  const { scenarioText } = await import("../../scenarios/scenario-text.ts")
  const { offered, reached, done } = result
  const faultsReached = offered.filter((kind) => (reached.bit[kind] ?? 0) > 0)
  const faultsMissed = offered.filter((kind) => !faultsReached.includes(kind))
  const statesMissed = Object.keys(states).filter((name) => (reached.states[name] ?? 0) === 0)
  const failures = result.failures.map(({ seed, name, sentence, scenario }) => {
    const told = { seed, anomaly: name, sentence }
    if (scenario === undefined) return told
    mkdirSync(outDir, { recursive: true })
    const file = join(outDir, `${scenario.provider}-${name}-${seed}.json`.replaceAll(/[^\w.-]+/g, "-"))
    writeFileSync(file, scenarioText(scenario))
    const path = relative(io.cwd, file)
    return { ...told, steps: scenario.steps.length, scenario: path, replay: `npx -y pnpm@12 gauntlet replay ${path}` }
  })
  if (json) {
    const document = { schema: 1, seeds: done, failures, seedsPerMinute, faultsReached, faultsMissed, statesMissed }
    return io.out(`${JSON.stringify(document, undefined, 2)}\n`)
  }
  for (const failure of failures) {
    if (!("scenario" in failure)) continue
    const { anomaly, seed, sentence, steps, scenario, replay } = failure
    const same = failures.filter((other) => other.anomaly === anomaly).length
    io.out(
      `\n${anomaly}: ${same} of ${done} seeds; seed ${seed} in ${steps} steps (${scenario})\n  ${sentence}\n  ${replay}\n`,
    )
  }
  const counted = (counts: Readonly<Record<string, number>>, names: ReadonlyArray<string>) =>
    names.map((name) => `${name} ${counts[name] ?? 0}`).join(", ")
  io.out(`\n${done} seeds, ${failures.length} failed, ${seedsPerMinute} seeds a minute\n`)
  io.out(`Faults that bit, by seeds: ${counted(reached.bit, faultsReached)}\n`)
  if (faultsMissed.length > 0) io.out(`Faults that never bit: ${faultsMissed.join(", ")}\n`)
  if (statesMissed.length > 0) io.out(`States that were not reached: ${statesMissed.join("; ")}\n`)
  else io.out(`All ${Object.keys(states).length} states of interest were reached\n`)
}
