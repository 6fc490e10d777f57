import { appendFileSync, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import type { Run } from "../../contract/run.ts"
import { exitCodeOf } from "../../harness/exit-code.ts"
import { toTerminal } from "../../reports/terminal.ts"
import { reportFiles, writeReports } from "../../reports/write-reports.ts"
import { campaignExit } from "../../scenarios/campaign/tally.ts"
import { chaosText } from "../chaos-told.ts"
import { defineCommand, type Input } from "../command.ts"
import { campaignOf, mergeChaos, mergeRuns, mergeSim, type Mergeable } from "../merge-documents.ts"
import { openOutDir } from "../out-dir.ts"
import { savedRun } from "../saved-run.ts"
import { UsageError } from "../usage-error.ts"

const flags = {
  out: { value: "DIR", help: "where a merged run and its reports are written" },
  json: { help: "the whole as one JSON document on standard output" },
} as const

export const command = defineCommand({
  name: "merge",
  summary: "shards into one: saved runs, or what chaos --json or sim --json said",
  args: ["PATH", "[PATH…]"],
  flags,
  more: `Folders or run.json files of "gauntlet run" make one run; documents of "chaos --json" of one provider one campaign;
those of "sim --json" one simulation. The exit code is that of the whole.`,
  examples: [
    ["gauntlet merge out/mock out/cf-ws-do --out out/all", "two providers in one report"],
    ["gauntlet merge shard-1.json shard-2.json --json", "shards of a campaign"],
  ],
  run: async (input) => {
    const { args, io } = input
    const parts = args.map((path) => ({ path: resolve(io.cwd, path), part: read(path, io.cwd) }))
    const kinds = new Set(parts.map(({ part }) => part.kind))
    if (kinds.size > 1)
      throw new UsageError(`these are of several kinds (${[...kinds].join(", ")}); merge one kind at a time`)
    const all = parts.map(({ part }) => part)
    const runs = all.flatMap((part) => (part.kind === "run" ? [part.run] : []))
    if (runs.length > 0)
      return mergedRuns(
        input,
        runs,
        parts.map(({ path }) => path),
      )
    if (input.flags.out !== undefined) throw new UsageError("--out is for runs; a campaign is told with --json")
    const campaigns = all.flatMap((part) => (part.kind === "chaos" ? [part.chaos] : []))
    if (campaigns.length > 0) {
      const whole = mergeChaos(campaigns)
      io.out(input.flags.json ? `${JSON.stringify(whole, undefined, 2)}\n` : chaosText(whole))
      return whole.interrupted ? 130 : campaignExit(whole)
    }
    const whole = mergeSim(all.flatMap((part) => (part.kind === "sim" ? [part.sim] : [])))
    io.out(`${JSON.stringify(whole, undefined, 2)}\n`)
    return whole.failures.length === 0 ? 0 : 1
  },
})

const read = (path: string, cwd: string): Mergeable => {
  const full = resolve(cwd, path)
  if (!existsSync(full)) throw new UsageError(`there is no ${full}`)
  if (statSync(full).isDirectory()) return { kind: "run", run: savedRun(path, cwd) }
  let json: unknown
  try {
    json = JSON.parse(readFileSync(full, "utf8"))
  } catch (error) {
    throw new UsageError(`${full} is not JSON: ${(error as Error).message}`)
  }
  return campaignOf(json) ?? { kind: "run", run: savedRun(path, cwd) }
}

const mergedRuns = async (
  { flags: given, io }: Input<typeof flags>,
  runs: ReadonlyArray<Run>,
  paths: ReadonlyArray<string>,
): Promise<number> => {
  const run = mergeRuns(runs)
  if (given.out !== undefined) {
    const out = openOutDir(given.out, io.cwd)
    try {
      joinHistories(paths, join(out.work, reportFiles.history))
      await writeReports(run, out.work)
      out.publish()
    } catch (error) {
      out.discard()
      throw error
    }
  }
  io.out(
    given.json
      ? `${JSON.stringify(run, undefined, 2)}\n`
      : toTerminal(run, { colour: io.colourOut, columns: io.columns }),
  )
  return exitCodeOf({ run, named: [], interrupted: run.interrupted === true })
}

/** Histories one behind the other: each section stands for itself. */
const joinHistories = (paths: ReadonlyArray<string>, target: string): void => {
  writeFileSync(target, "")
  for (const [n, path] of paths.entries()) {
    const history = join(statSync(path).isDirectory() ? path : dirname(path), reportFiles.history)
    if (!existsSync(history)) continue
    if (n === 0) copyFileSync(history, target)
    else appendFileSync(target, readFileSync(history))
  }
}
