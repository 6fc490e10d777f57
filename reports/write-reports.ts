import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Run } from "../contract/run.ts"
import { toHtml } from "./html/page.ts"
import { toJunit } from "./junit.ts"
import { sealRun } from "./seal-run.ts"
import { toSummaryMarkdown } from "./summary-markdown.ts"
import { readTimelines, timelineKey } from "./timeline/read-timelines.ts"

/** Names of the files of a run. */
export const reportFiles = {
  run: "run.json",
  history: "history.ndjson",
  html: "index.html",
  junit: "junit.xml",
  summary: "summary.md",
} as const

/** Writes every report of a run into its folder, which holds its `history.ndjson`. */
export const writeReports = async (run: Run, dir: string): Promise<void> => {
  const wanted = run.runs.flatMap(({ provider, checks }) =>
    checks
      .filter(({ outcome }) => outcome !== "pass" && outcome !== "unsupported")
      .map(({ id }) => timelineKey(provider, id)),
  )
  const timelines = await readTimelines(join(dir, reportFiles.history), new Set(wanted))
  writeFileSync(join(dir, reportFiles.run), `${JSON.stringify(sealRun(run), undefined, 2)}\n`)
  writeFileSync(join(dir, reportFiles.html), toHtml(run, timelines))
  writeFileSync(join(dir, reportFiles.junit), toJunit(run))
  writeFileSync(join(dir, reportFiles.summary), toSummaryMarkdown(run))
}
