import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import { reportFiles, writeReports } from "../../reports/write-reports.ts"
import { toTerminal } from "../../reports/terminal.ts"
import { defineCommand } from "../command.ts"
import { mustBeWhole } from "../read-sections.ts"
import { folderOf } from "../saved-run.ts"

export const command = defineCommand({
  name: "report",
  summary: "make the reports of a saved run again",
  args: ["DIR"],
  flags: { json: { help: "the run as JSON on standard output, in place of the matrix" } },
  more: "DIR holds run.json and history.ndjson; index.html, junit.xml and summary.md are written into it.",
  examples: [["gauntlet report reports/out/latest", "the matrix again, and the pages"]],
  run: async ({ args, flags, io }) => {
    const { run, dir } = folderOf(resolve(io.cwd, args[0] ?? ""))
    const history = join(dir, reportFiles.history)
    if (existsSync(history)) await mustBeWhole(history, run)
    await writeReports(run, dir)
    if (flags.json) io.out(`${JSON.stringify(run, undefined, 2)}\n`)
    else {
      io.out(toTerminal(run, { colour: io.colourOut, columns: io.columns }))
      io.out(`Report: ${join(dir, reportFiles.html)}\n`)
    }
    return 0
  },
})
