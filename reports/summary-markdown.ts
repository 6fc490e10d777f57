import type { Run } from "../contract/run.ts"
import { escapeCell as cell } from "./escape.ts"
import { headlineOf } from "./headline.ts"
import { matrixOf } from "./matrix.ts"
import { byGravity, outcomeStyles, styleOf } from "./outcomes.ts"

/** Failures that the summary tells one by one; the report has them all. */
const toldFailures = 20

/** A Markdown page for the step summary of a CI run. */
export const toSummaryMarkdown = (run: Run): string => {
  const told = outcomeStyles.filter(({ member }) => run.runs.some(({ summary }) => summary[member] > 0))
  const parts = [
    `# Sync Gauntlet`,
    `**${cell(headlineOf(run).text)}.** Contract ${cell(run.contract)}, harness ${cell(run.harness)}, ${seconds(run.ms)}, ${cell(run.started)}.`,
    table(
      ["provider", "version", ...told.map(({ word }) => word), "time"],
      run.runs.map((one) => [
        cell(one.provider),
        cell(one.version),
        ...told.map(({ member }) => String(one.summary[member])),
        seconds(one.ms),
      ]),
    ),
    table(
      ["family", ...run.runs.map(({ provider }) => cell(provider))],
      matrixOf(run).map((row) => [row.name, ...row.cells.map(counts)]),
    ),
    failures(run),
    list(
      "Stale deviations",
      run.runs.flatMap(({ stale }) => stale),
    ),
    list(
      "Stray defects",
      run.runs.flatMap(({ provider, strays }) => strays.map((line) => `${provider}: ${line}`)),
    ),
    list(
      "Not available",
      run.unavailable.map(({ provider, missing }) => `${provider}: ${missing}`),
    ),
    list(
      "To unlock",
      run.runs.flatMap(({ provider, unlock }) => unlock.map((line) => `${provider}: ${line}`)),
    ),
  ]
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`
}

const counts = (of: ReturnType<typeof matrixOf>[number]["cells"][number]): string =>
  outcomeStyles
    .toReversed()
    .filter(({ member }) => of.summary[member] > 0)
    .map(({ member, sign }) => `${of.summary[member]} ${sign}`)
    .join(", ") || "–"

const failures = (run: Run): string => {
  const all = run.runs
    .flatMap(({ provider, checks }) => checks.map((check) => ({ provider, check })))
    .filter(({ check }) => ["fail", "harness-error", "flaky", "should-fail"].includes(check.outcome))
    .sort((a, b) => byGravity(a.check, b.check))
  if (all.length === 0) return ""
  const lines = all
    .slice(0, toldFailures)
    .map(
      ({ provider, check }) =>
        `- ${styleOf(check.outcome).sign} **${cell(check.id)}** on **${cell(provider)}**: ${styleOf(check.outcome).word}` +
        `${check.anomaly === undefined ? "" : `, ${check.anomaly}`}. ${cell(check.reason ?? "")}\n` +
        `  \`${check.replay.replaceAll("`", "'")}\``,
    )
  const more = all.length > toldFailures ? [`- and ${all.length - toldFailures} more in the report`] : []
  return `## Failures\n\n${[...lines, ...more].join("\n")}`
}

const list = (title: string, lines: ReadonlyArray<string>): string =>
  lines.length === 0 ? "" : `## ${title}\n\n${lines.map((line) => `- ${cell(line)}`).join("\n")}`

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  rows.length === 0 ? "" : [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
