import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import type { CheckResult } from "../../contract/run.ts"
import { exitCodeOf } from "../../harness/exit-code.ts"
import { plural } from "../../reports/headline.ts"
import { toTerminal } from "../../reports/terminal.ts"
import { reportFiles, writeReports } from "../../reports/write-reports.ts"
import { defineCommand } from "../command.ts"
import { readSections } from "../read-sections.ts"
import { folderOf } from "../saved-run.ts"
import { UsageError } from "../usage-error.ts"

export const command = defineCommand({
  name: "rejudge",
  summary: "judge the history of a saved run again with the checkers and deviations of today",
  args: ["DIR"],
  flags: {
    write: { help: "write run.json and the reports of DIR anew" },
    json: { help: "the run as judged now, as JSON on standard output" },
  },
  more: `Nothing is run: the verdicts come from history.ndjson alone. Deviations are held against the day of the run.
The exit code is that of the run as judged now.`,
  examples: [
    ["gauntlet rejudge reports/out/latest", "what would be judged otherwise now"],
    ["gauntlet rejudge reports/out/latest --write", "and the reports with it"],
  ],
  run: async ({ args, flags, io }) => {
    const { run, dir } = folderOf(resolve(io.cwd, args[0] ?? ""))
    const history = join(dir, reportFiles.history)
    if (!existsSync(history))
      throw new UsageError(`${dir} holds no ${reportFiles.history}: there is nothing to judge again`)
    const [{ changes, rejudgeCheck, resultKey, withResults }, { deviations }] = await Promise.all([
      import("../../harness/rejudge.ts"),
      import("../../providers/deviations/deviations.ts"),
    ])
    const runs = new Map(run.runs.map((one) => [one.provider, one]))
    const results = new Map<string, CheckResult>()
    for await (const section of readSections(history, run)) {
      const { provider, check } = section.begin
      const own = runs.get(provider)
      const result = own?.checks.find(({ id }) => id === check)
      if (own === undefined || result === undefined) continue
      results.set(
        resultKey(provider, check),
        rejudgeCheck(result, section, { run: own, deviations, today: run.started }),
      )
    }
    const now = withResults(run, results, deviations)
    const changed = changes(run, now)
    if (flags.write) await writeReports(now, dir)
    if (flags.json) io.out(`${JSON.stringify(now, undefined, 2)}\n`)
    else {
      if (flags.write) io.out(`${toTerminal(now, { colour: io.colourOut, columns: io.columns })}\n`)
      for (const { provider, check, before, after } of changed) io.out(`${provider}  ${check}: ${before} → ${after}\n`)
      io.out(`${plural(results.size, "section")} judged again, ${plural(changed.length, "change")}\n`)
    }
    return exitCodeOf({ run: now, named: [] })
  },
})
