import { availableParallelism } from "node:os"
import { mkdirSync, writeFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type { SimResult } from "../../scenarios/sim-pool.ts"
import { defineCommand } from "../command.ts"
import { listenForStop } from "../stop-signals.ts"
import { makeSimProgress } from "../sim-progress.ts"
import { shardOf } from "../shard.ts"
import { UsageError } from "../usage-error.ts"

const defaultSeeds = 1_000

/** Where scenarios of failures are written unless --out says otherwise. */
const defaultOutDir = fileURLToPath(new URL("../../reports/out/sim", import.meta.url))

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
    out: { value: "DIR", help: "where scenarios of failures are written (reports/out/sim)" },
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
    const [{ simulateInPool, UnfitTarget }, { targetOf }, { simDocument, simText }] = await Promise.all([
      import("../../scenarios/sim-pool.ts"),
      import("../../scenarios/load-target.ts"),
      import("../sim-told.ts"),
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
      const document = simDocument(result, await save(result, flags.out, io.cwd), progress.seedsPerMinute())
      const named = flags.mutant === undefined ? flags.provider && ` --provider ${key}` : ` --mutant ${flags.mutant}`
      io.out(flags.json ? `${JSON.stringify(document, undefined, 2)}\n` : simText(document, result, named ?? ""))
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
  const { index: nth, of } = shardOf(shard)
  const own = all.filter((_, index) => index % of === nth)
  if (own.length === 0) throw new UsageError(`--shard ${shard} has none of ${count} seeds; give more with --seeds`)
  return own
}

/** Writes the scenario of each failure that was made small. Gives their paths, seen from where the command was typed. */
const save = async (
  { failures }: SimResult,
  out: string | undefined,
  cwd: string,
): Promise<ReadonlyMap<number, string>> => {
  const { scenarioText } = await import("../../scenarios/scenario-text.ts")
  const dir = out === undefined ? defaultOutDir : resolve(cwd, out)
  const paths = new Map<number, string>()
  for (const { seed, name, scenario } of failures) {
    if (scenario === undefined) continue
    mkdirSync(dir, { recursive: true })
    const file = join(dir, `${scenario.provider}-${name}-${seed}.json`.replaceAll(/[^\w.-]+/g, "-"))
    writeFileSync(file, scenarioText(scenario))
    paths.set(seed, relative(cwd, file))
  }
  return paths
}
