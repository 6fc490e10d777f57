import { spawn } from "node:child_process"
import { rmSync } from "node:fs"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type { ChaosDocument } from "../chaos-told.ts"
import { defineCommand } from "../command.ts"
import { durationMs, inWords } from "../duration.ts"
import { makeProgress } from "../progress.ts"
import { selectProviders } from "../select-providers.ts"
import { doneSoFar, soak, soakExit, soakUnits, type SoakEnd, type SoakPlan, type SoakUnit } from "../soak.ts"
import { listenForStop } from "../stop-signals.ts"
import { textTable } from "../text-table.ts"
import { UsageError } from "../usage-error.ts"

const gauntletScript = fileURLToPath(new URL("../gauntlet.mjs", import.meta.url))
const defaultOut = fileURLToPath(new URL("../../reports/out/soak", import.meta.url))

export const command = defineCommand({
  name: "soak",
  summary: "the suites many times and long campaigns, two at a time; goes on where it was stopped",
  args: [],
  flags: {
    provider: {
      value: "KEY",
      repeat: true,
      help: "only this provider; default: every one of a plain run (one that is not available makes the exit code 2)",
    },
    suites: {
      value: "N",
      integer: true,
      help: "how many times to run every check, each time with a seed of its own (3); 0: not at all",
    },
    campaign: { value: "TIME", help: "length of one campaign on each provider, as in 90s, 20m, 2h (20m); none" },
    seed: { value: "S", integer: true, help: "the first seed (1)" },
    "at-once": { value: "N", integer: true, help: "how many run at the same time (2)" },
    quick: { help: "the quick checks only" },
    out: { value: "DIR", help: "where state, reports and scenarios go (reports/out/soak)" },
    fresh: { help: "forget what was done before" },
    json: { help: "{ schema, plan, done: [{ name, code, ms, said }], left } on standard output" },
  },
  more: `Each is a command of its own, "gauntlet run --full" or "gauntlet chaos", whose reports lie below the folder. What is
done stands in state.json there: the same line again goes on with the rest. The exit code is that of the gravest.`,
  examples: [
    ["gauntlet soak --provider mock --provider cf-ws-do --suites 10 --campaign 20m", "a night"],
    ["gauntlet soak --suites 0 --campaign 2h", "campaigns alone, on everything"],
  ],
  run: async ({ flags, io }) => {
    const plan: SoakPlan = {
      providers: selectProviders({ keys: flags.provider, files: [], cwd: io.cwd }).map(({ name }) => name),
      suites: flags.suites ?? 3,
      campaignMs: flags.campaign === "none" ? 0 : durationMs("--campaign", flags.campaign ?? "20m"),
      seed: flags.seed ?? 1,
    }
    const atOnce = flags["at-once"] ?? 2
    if (atOnce === 0) throw new UsageError("--at-once 0 runs nothing; give 1 or more")
    if (soakUnits(plan).length === 0) throw new UsageError("--suites 0 and --campaign none leave nothing to run")
    const out = flags.out === undefined ? defaultOut : resolve(io.cwd, flags.out)
    const stateFile = join(out, "state.json")
    if (flags.fresh) rmSync(stateFile, { force: true })
    const done = doneSoFar(stateFile, plan)
    const progress = makeProgress(io)
    const stop = listenForStop({
      onStop: (why) => progress.say(`stopping (${why}); the same line again goes on`),
      onEndNow: () => undefined,
    })
    try {
      if (done.length > 0) progress.say(`${done.length} done before`)
      const ends = await soak({
        plan,
        stateFile,
        done,
        atOnce,
        signal: stop.signal,
        runUnit: (unit) => runUnit(unit, plan, { out, quick: flags.quick, cwd: io.cwd, signal: stop.signal }),
        onEnd: (end, left) => progress.say(`${end.name}: exit code ${end.code}, ${inWords(end.ms)}; ${left} left`),
      })
      progress.close()
      const left = soakUnits(plan).length - ends.length
      io.out(flags.json ? `${JSON.stringify({ schema: 1, plan, done: ends, left }, undefined, 2)}\n` : told(ends, left))
      return stop.signal.aborted ? 130 : soakExit(ends)
    } finally {
      progress.close()
      stop.close()
    }
  },
})

interface UnitMeans {
  readonly out: string
  readonly quick: boolean
  readonly cwd: string
  readonly signal: AbortSignal
}

/** Runs one unit as a command of its own; ended in good order when the signal comes. */
const runUnit = (unit: SoakUnit, plan: SoakPlan, { out, quick, cwd, signal }: UnitMeans): Promise<SoakEnd> =>
  new Promise((done) => {
    const folder = join(out, unit.name.replaceAll(" ", "-"))
    const common = ["--provider", unit.provider, "--seed", String(unit.seed), "--out", folder, "--json"]
    const args =
      unit.kind === "suites"
        ? ["run", ...(quick ? [] : ["--full"]), ...common]
        : ["chaos", "--duration", `${plan.campaignMs}ms`, ...common]
    const fromMs = performance.now()
    const child = spawn(process.execPath, [gauntletScript, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] })
    let text = ""
    let errors = ""
    child.stdout.on("data", (chunk) => (text += String(chunk)))
    child.stderr.on("data", (chunk) => (errors = `${errors}${String(chunk)}`.slice(-2_000)))
    const onStop = () => child.kill("SIGTERM")
    signal.addEventListener("abort", onStop, { once: true })
    if (signal.aborted) onStop()
    child.once("close", (code) => {
      signal.removeEventListener("abort", onStop)
      const said = sayingOf(unit, text) ?? errors.trim().split("\n").at(-1) ?? ""
      done({ name: unit.name, code: code ?? 3, ms: Math.round(performance.now() - fromMs), said })
    })
  })

/** A unit's document in a line; undefined where it printed none. */
const sayingOf = ({ kind }: SoakUnit, text: string): string | undefined => {
  try {
    if (kind === "campaign") {
      const { rounds, operations, anomalies, operationsPerSecond } = JSON.parse(text) as ChaosDocument
      const found = anomalies.map(({ name, rounds: times }) => `${name} in ${times}`).join(", ")
      return `${rounds} rounds, ${operations} operations (${Math.round(operationsPerSecond)}/s), ${found || "no anomaly"}`
    }
    const { runs } = JSON.parse(text) as { readonly runs: ReadonlyArray<{ readonly summary: Record<string, number> }> }
    const counts = Object.entries(runs[0]?.summary ?? {}).filter(([, count]) => count > 0)
    return counts.map(([outcome, count]) => `${outcome} ${count}`).join(", ") || "nothing ran"
  } catch {
    return undefined
  }
}

const told = (ends: ReadonlyArray<SoakEnd>, left: number): string =>
  `${textTable([["unit", "exit", "time", "what it said"], ...ends.map(({ name, code, ms, said }) => [name, String(code), inWords(ms), said])])}\n` +
  (left > 0 ? `${left} left; the same line again goes on\n` : "")
