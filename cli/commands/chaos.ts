import { availableParallelism } from "node:os"
import { resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type { FaultKind } from "../../workloads/nemesis/index.ts"
import { defineCommand } from "../command.ts"
import { makeChaosProgress } from "../chaos-progress.ts"
import { durationMs } from "../duration.ts"
import { fitsGlob } from "../glob.ts"
import { didYouMean } from "../nearest.ts"
import { childEntry } from "../run-suites.ts"
import { selectProviders } from "../select-providers.ts"
import { shardOf } from "../shard.ts"
import { listenForStop } from "../stop-signals.ts"
import { UsageError } from "../usage-error.ts"

const defaultDuration = "10m"

/** Where scenarios and records of anomalies are written unless --out says otherwise. */
const defaultOutDir = fileURLToPath(new URL("../../reports/out/chaos", import.meta.url))

/**
 * A process whose event loop has not turned for this long is ended, in milliseconds. In the virtual world a round is one
 * turn, and a busy machine makes it a long one.
 */
const silentMs = 120_000
/** How long rounds may go on when the time is over, in milliseconds: longer than the slowest of them may take. */
const overtimeMs = 600_000
/** Processes that rounds of the virtual world are shared out to: no more than providers run at once. */
const mostProcesses = 2

export const command = defineCommand({
  name: "chaos",
  summary: "a campaign: faults and workloads against a real provider, round after round",
  args: [],
  flags: {
    provider: { value: "KEY", help: "the provider" },
    "provider-file": { value: "FILE", help: "a provider of your own" },
    duration: { value: "TIME", help: `how long: 90s, 10m, 2h (${defaultDuration})` },
    seed: { value: "S", integer: true, help: "what every draw comes from (1)" },
    faults: { value: "GLOB", help: 'only these faults, as in "gauntlet list"; several with a comma; "none"' },
    shard: { value: "i/n", help: "only every nth round, from the ith on" },
    out: { value: "DIR", help: "where scenarios and records of anomalies are written (reports/out/chaos)" },
    json: {
      help: "{ schema, provider, seed, operations, anomalies, faults: [{ name, applied, bit }], … } on standard output",
    },
  },
  more: `Each round draws a workload of several clients and its own faults. Faults on first; then everything is healed, all
must converge and go quiet, and the record is judged. Faults that have not bitten yet are drawn first.
Exit code 0: nothing was found and every fault that the provider can suffer has bitten. 1: something was found, and a
scenario of it is written. 2: it could not be judged: a fault never bit, a round stayed unknown, or the time ran out.`,
  examples: [
    ["gauntlet chaos --provider cf-ws-do --duration 2m", "every fault that the provider can suffer"],
    ["gauntlet chaos --provider cf-ws-do --faults 'kill,half-*'", "two kinds of faults"],
    ["gauntlet chaos --provider mock --duration 1m --faults none", "how fast it goes when nothing is wrong"],
  ],
  run: async ({ flags, io }) => {
    const { provider: key, "provider-file": file } = flags
    if ((key === undefined) === (file === undefined)) {
      throw new UsageError("name one provider: --provider KEY, or --provider-file FILE")
    }
    const ms = durationMs("--duration", flags.duration ?? defaultDuration)
    const [chosen] = selectProviders({
      keys: key === undefined ? [] : [key],
      files: file === undefined ? [] : [file],
      cwd: io.cwd,
    })
    const faults = flags.faults === undefined ? undefined : await faultsOf(flags.faults)
    const shard = shardOf(flags.shard)
    const [{ campaign }, { chaosDocument, chaosText }, { campaignExit }] = await Promise.all([
      import("../campaign.ts"),
      import("../chaos-told.ts"),
      import("../../scenarios/campaign/tally.ts"),
    ])
    const progress = makeChaosProgress(io, ms)
    const stop = listenForStop({
      onStop: (why) => progress.say(`stopping (${why}); again to end at once`),
      onEndNow: () => undefined,
    })
    try {
      const result = await campaign({
        key: chosen!.name,
        source: chosen!.source,
        seed: flags.seed ?? 1,
        durationMs: ms,
        shard,
        outDir: flags.out === undefined ? defaultOutDir : resolve(io.cwd, flags.out),
        ...(faults === undefined ? {} : { faults }),
        stop,
        onState: progress.state,
        entry: childEntry(chosen!.source),
        silentMs,
        overtimeMs,
        processes: Math.min(mostProcesses, availableParallelism()),
      })
      progress.close()
      if ("missing" in result) {
        if (result.usage) throw new UsageError(result.missing)
        io.err(`gauntlet: ${chosen!.name} is not available: ${result.missing}\n`)
        return 2
      }
      const document = chaosDocument(result, io.cwd, stop.signal.aborted)
      io.out(flags.json ? `${JSON.stringify(document, undefined, 2)}\n` : chaosText(document))
      return stop.signal.aborted ? 130 : campaignExit(result)
    } finally {
      progress.close()
      stop.close()
    }
  },
})

/** The faults that fit one of the patterns; each pattern has to fit one. */
const faultsOf = async (text: string): Promise<ReadonlyArray<FaultKind>> => {
  if (text === "none") return []
  const { faultKinds } = await import("../../workloads/nemesis/index.ts")
  const patterns = text.split(",").map((pattern) => pattern.trim())
  const idle = patterns.find((pattern) => !faultKinds.some((kind) => fitsGlob(pattern, kind)))
  if (idle !== undefined) {
    throw new UsageError(`--faults: there is no fault "${idle}"${didYouMean(idle, faultKinds)}; see "gauntlet list"`)
  }
  return faultKinds.filter((kind) => patterns.some((pattern) => fitsGlob(pattern, kind)))
}
