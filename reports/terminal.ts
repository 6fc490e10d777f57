import type { CheckResult, Run } from "../contract/run.ts"
import { headlineOf } from "./headline.ts"
import { matrixOf, type MatrixCell, type MatrixRow } from "./matrix.ts"
import { byGravity, outcomeStyles, styleOf } from "./outcomes.ts"

export interface TerminalOptions {
  readonly colour: boolean
  /** Characters in a line. */
  readonly columns: number
}

/** Failures that the terminal tells one by one; the report has them all. */
const toldFailures = 30

/** What a run comes to, for a terminal: the matrix, every failure with what runs it again, and the verdict. */
export const toTerminal = (run: Run, options: TerminalOptions): string => {
  const parts = [matrix(run, options), failures(run, options), notes(run), verdict(run, options)]
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`
}

type Paint = (text: string, sgr: string) => string
const painter = ({ colour }: TerminalOptions): Paint =>
  colour ? (text, sgr) => `\x1b[${sgr}m${text}\x1b[0m` : (text) => text

/** Columns are as wide as their widest cell; providers that do not fit into a line go into a further block. */
const matrix = (run: Run, options: TerminalOptions): string => {
  if (run.runs.length === 0) return ""
  const rows = [...matrixOf(run), totals(run)]
  const nameWidth = Math.max(...rows.map(({ name }) => name.length))
  const widths = run.runs.map(({ provider }, index) =>
    Math.max(provider.length, ...rows.map(({ cells }) => plain(cells[index]!).length)),
  )
  const blocks: Array<Array<number>> = [[]]
  let used = nameWidth
  for (const [index, width] of widths.entries()) {
    if (used + width + 2 > options.columns && blocks.at(-1)!.length > 0) {
      blocks.push([])
      used = nameWidth
    }
    blocks.at(-1)!.push(index)
    used += width + 2
  }
  const paint = painter(options)
  const head = (index: number) => {
    const { provider } = run.runs[index]!
    return paint(provider, "1") + " ".repeat(widths[index]! - provider.length)
  }
  const block = (indices: ReadonlyArray<number>) =>
    [
      `${" ".repeat(nameWidth)}  ${indices.map((index) => head(index)).join("  ")}`,
      ...rows.map(
        ({ name, cells }) =>
          `${name.padEnd(nameWidth)}  ${indices.map((index) => painted(cells[index]!, widths[index]!, paint)).join("  ")}`,
      ),
    ]
      .map((line) => line.trimEnd())
      .join("\n")
  return [...blocks.map(block), ...legend(run, paint)].join("\n\n")
}

const totals = (run: Run): MatrixRow => ({
  name: "all",
  cells: run.runs.map(({ provider, summary, checks }) => ({ provider, summary, checks })),
})

/** "12 2F 1?": how many passed, then the others each with its letter. */
const words = ({ summary, checks }: MatrixCell): ReadonlyArray<{ readonly text: string; readonly sgr: string }> => {
  if (checks.length === 0) return [{ text: "-", sgr: "90" }]
  const others = outcomeStyles.filter(({ outcome, member }) => outcome !== "pass" && summary[member] > 0)
  return [
    { text: String(summary.pass), sgr: summary.pass > 0 ? "32" : "90" },
    ...others.map(({ member, letter, sgr }) => ({ text: `${summary[member]}${letter}`, sgr })),
  ]
}

const plain = (cell: MatrixCell): string =>
  words(cell)
    .map(({ text }) => text)
    .join(" ")

const painted = (cell: MatrixCell, width: number, paint: Paint): string =>
  words(cell)
    .map(({ text, sgr }) => paint(text, sgr))
    .join(" ") + " ".repeat(width - plain(cell).length)

/** What the letters mean; nothing where there are none. */
const legend = (run: Run, paint: Paint): ReadonlyArray<string> => {
  const used = outcomeStyles.filter(({ member }) => run.runs.some(({ summary }) => summary[member] > 0))
  if (used.every(({ letter }) => letter === "")) return []
  const words = used
    .toReversed()
    .map(({ letter, word, sgr }) =>
      letter === "" ? `${paint("number alone", sgr)} passed` : `${paint(letter, sgr)} ${word}`,
    )
  return [words.join(" · ")]
}

const failures = (run: Run, options: TerminalOptions): string => {
  const all = run.runs
    .flatMap(({ provider, checks }) => checks.map((check) => ({ provider, check })))
    .filter(({ check }) => ["fail", "harness-error", "flaky", "should-fail"].includes(check.outcome))
    .sort((a, b) => byGravity(a.check, b.check))
  const told = all.slice(0, toldFailures).map(({ provider, check }) => failure(provider, check, options))
  if (all.length > toldFailures) told.push(`and ${all.length - toldFailures} more in the report`)
  return told.join("\n\n")
}

/** The report has more of the log. */
const toldLogLines = 5

const failure = (provider: string, check: CheckResult, options: TerminalOptions): string => {
  const { sign, word, sgr } = styleOf(check.outcome)
  const paint = painter(options)
  const anomaly = check.anomaly === undefined ? "" : `  ${check.anomaly}`
  const more = check.found > 1 ? ` (${check.found} anomalies found)` : ""
  return [
    `${paint(`${sign} ${word}`, sgr)}  ${provider}  ${paint(check.id, "1")}${anomaly}${more}`,
    ...wrap(check.reason ?? "no reason was given", options.columns - 4).map((line) => `    ${line}`),
    ...(check.log ?? [])
      .slice(-toldLogLines)
      .map((line) => `    ${paint(`log: ${line.slice(0, options.columns)}`, "90")}`),
    `    ${paint("again:", "90")} ${check.replay}`,
  ].join("\n")
}

/** Lines of at most `width` characters, broken at spaces. */
export const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= Math.max(20, width))
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

const notes = (run: Run): string =>
  [
    ...run.runs.flatMap(({ stale }) => stale.map((line) => `stale deviation: ${line}`)),
    ...run.runs.flatMap(({ provider, strays }) => strays.map((line) => `stray defect on ${provider}: ${line}`)),
    ...run.unavailable.map(({ provider, missing }) => `${provider} is not available: ${missing}`),
    ...run.runs.flatMap(({ provider, unlock }) => unlock.map((line) => `${provider}: ${line}`)),
  ].join("\n")

const verdict = (run: Run, options: TerminalOptions): string => {
  const { tone, text } = headlineOf(run)
  const sgr = { good: "1;32", bad: "1;31", open: "1;33" }[tone]
  return `${painter(options)(text, sgr)} (${(run.ms / 1000).toFixed(1)} s)`
}
