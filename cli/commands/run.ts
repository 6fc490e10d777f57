import { join } from "node:path"
import type { Run } from "../../contract/run.ts"
import type { Check } from "../../harness/check.ts"
import { resetDepths, type ResetDepth } from "../../harness/children/messages.ts"
import { exitCodeOf, newFailures } from "../../harness/exit-code.ts"
import { reportFiles, writeReports } from "../../reports/write-reports.ts"
import { toTerminal } from "../../reports/terminal.ts"
import { defineCommand } from "../command.ts"
import { notConvicted } from "../expect-fail.ts"
import type { Io } from "../io.ts"
import { openOutDir, type OutDir } from "../out-dir.ts"
import { probeFiles } from "../probe-files.ts"
import { livestoreKeys, prepareLivestore, type PreparedCheckout } from "../livestore-path.ts"
import { makeProgress } from "../progress.ts"
import { runSuites } from "../run-suites.ts"
import { lastRun, savedRun } from "../saved-run.ts"
import { selectChecks } from "../select-checks.ts"
import { selectProviders, type KnownProvider } from "../select-providers.ts"
import { listenForStop } from "../stop-signals.ts"
import { UsageError } from "../usage-error.ts"

export const command = defineCommand({
  name: "run",
  summary: "run the suites",
  args: [],
  flags: {
    provider: { value: "KEY", repeat: true, help: "only this provider; default: every one that is available" },
    "provider-file": {
      value: "FILE",
      repeat: true,
      help: 'a provider of your own: a module with "export default provider"',
    },
    "livestore-path": {
      value: "DIR",
      help: "LiveStore's code of this checkout, not the published packages; without --provider: its providers of a plain run",
    },
    check: { value: "GLOB", repeat: true, help: "only these checks: ids, clauses or families, with * and ?" },
    reset: { value: "DEPTH", oneOf: resetDepths, help: "clean state before each check: store, backend or container" },
    full: { help: "also the checks that take long, and what a store costs its platform" },
    smoke: { help: "a small selection, in about 10 s" },
    failed: { help: "only what failed in the last run" },
    baseline: { value: "FILE", repeat: true, help: "a saved run.json: fail on what none of these has" },
    "expect-fail": { help: "the run has to fail: exit code 1 when a provider was not convicted (see gauntlet list)" },
    seed: { value: "N", integer: true, help: "what every draw comes from (1); the same seed repeats a run" },
    json: { help: "one JSON document on standard output, nothing else there" },
    out: {
      value: "DIR",
      help: "where reports go (reports/out/latest; the run before is kept as reports/out/previous)",
    },
  },
  more: `The run is saved as run.json, history.ndjson, index.html, junit.xml and summary.md.
One press of Ctrl-C stops in good order and still writes the reports; a second one ends at once.`,
  examples: [
    ["gauntlet run", "quick checks on every available provider"],
    ["gauntlet run --provider cf-ws-do --full", "everything on one provider"],
    ["gauntlet run --check 'live/*' --check push/atomic", "a family and a clause"],
    ["gauntlet run --provider-file ./my-provider.ts --smoke", "a first verdict on a provider of your own"],
    ["gauntlet run --livestore-path ../livestore --provider livestore-cf-ws-do", "a working copy of LiveStore"],
    ["gauntlet run --baseline main.json --out out/pr", "in CI: fail on new failures only"],
    ["gauntlet run --provider canary --expect-fail", "every night: red when what must fail does not"],
  ],
  run: async ({ flags, io }) => {
    if (flags.smoke && flags.full) throw new UsageError("--smoke and --full exclude each other; leave one out")
    const { checks: allChecks } = await import("../../suites/index.ts")
    const checks = selectChecks(allChecks, { patterns: flags.check, full: flags.full, smoke: flags.smoke })
    const path = flags["livestore-path"]
    const chosen = selectProviders({
      keys: path !== undefined && flags.provider.length === 0 ? livestoreKeys() : flags.provider,
      files: flags["provider-file"],
      cwd: io.cwd,
    })
    const baselines = flags.baseline.map((file) => savedRun(file, io.cwd))
    const last = flags.failed ? lastRun(flags.out, io.cwd) : undefined

    let out: OutDir | undefined
    let checkout: PreparedCheckout | undefined
    const progress = makeProgress(io)
    const stop = listenForStop({
      onStop: (why) => progress.say(`stopping (${why}); again to end at once`),
      onEndNow: () => {
        out?.discard()
        checkout?.remove()
      },
    })
    try {
      const known = await probeFiles(chosen, stop)
      if (path !== undefined) {
        checkout = await prepareLivestore({ path, cwd: io.cwd, providers: known, signal: stop.signal })
      }
      const providers = checkout?.providers ?? known
      const work =
        last === undefined ? providers.map((provider) => ({ provider, checks })) : failedOf(last, providers, checks)
      out = openOutDir(flags.out, io.cwd)
      const run = await runSuites({
        work,
        allChecks,
        seed: flags.seed ?? 1,
        reset: flags.reset as ResetDepth | undefined,
        costs: flags.full && flags.check.length === 0 && last === undefined,
        outDir: out.work,
        ...(path === undefined ? {} : { livestorePath: path }),
        stop,
        progress,
      })
      await writeReports(run, out.work)
      out.publish()
      progress.close()
      tell(run, { io, json: flags.json, target: out.target, baselines })
      const code = exitCodeOf({
        run,
        named: flags.provider,
        interrupted: stop.signal.aborted,
        baselines,
      })
      if (!flags["expect-fail"] || code > 1) return code
      const cleared = notConvicted(run)
      for (const line of cleared) io.err(`gauntlet: ${line}\n`)
      return cleared.length === 0 ? 0 : 1
    } catch (error) {
      progress.close()
      out?.discard()
      if (stop.signal.aborted) return 130
      throw error
    } finally {
      checkout?.remove()
      stop.close()
    }
  },
})

/** What failed in the last run, on the providers that are chosen now. */
const failedOf = (last: Run, providers: ReadonlyArray<KnownProvider>, checks: ReadonlyArray<Check>) => {
  const bad: ReadonlySet<string> = new Set(["fail", "harness-error", "flaky", "should-fail"])
  const work = providers.flatMap((provider) => {
    const ids = new Set(
      last.runs
        .filter((run) => run.provider === provider.key)
        .flatMap((run) => run.checks.filter(({ outcome }) => bad.has(outcome)).map(({ id }) => id)),
    )
    const own = checks.filter(({ id }) => ids.has(id))
    return own.length === 0 ? [] : [{ provider, checks: own }]
  })
  if (work.length === 0)
    throw new UsageError(`nothing of this selection failed in the last run (${last.started}); leave --failed out`)
  return work
}

const bullets = (lines: ReadonlyArray<string>): string => lines.map((line) => `  ${line}`).join("\n")

interface Telling {
  readonly io: Io
  readonly json: boolean
  readonly target: string
  readonly baselines: ReadonlyArray<Run>
}

const tell = (run: Run, { io, json, target, baselines }: Telling): void => {
  const news = newFailures(run, baselines)
  const told = news.length === 0 ? "nothing that the baseline does not have" : `not in the baseline:\n${bullets(news)}`
  if (json) io.out(`${JSON.stringify(run, undefined, 2)}\n`)
  else {
    io.out(`\n${toTerminal(run, { colour: io.colourOut, columns: io.columns })}`)
    io.out(`Report: ${join(target, reportFiles.html)}\n`)
  }
  // Last, because it decides: above it stand the failures that everybody knows.
  if (baselines.length > 0) io.err(`${told}\n`)
}
