import { existsSync } from "node:fs"
import { join } from "node:path"
import { catalogue, clauseById, families } from "../../contract/catalogue/index.ts"
import type { Clause } from "../../contract/clause.ts"
import type { Run } from "../../contract/run.ts"
import type { Check } from "../../harness/check.ts"
import type { Mutant } from "../../providers/mutants/mutant.ts"
import { styleOf } from "../../reports/outcomes.ts"
import { wrap } from "../../reports/terminal.ts"
import { reportFiles } from "../../reports/write-reports.ts"
import { defineCommand } from "../command.ts"
import type { Io } from "../io.ts"
import { didYouMean } from "../nearest.ts"
import { defaultOutDir } from "../out-dir.ts"
import { savedRun } from "../saved-run.ts"
import { textTable } from "../text-table.ts"
import { UsageError } from "../usage-error.ts"

export const command = defineCommand({
  name: "explain",
  summary: "what a clause means, how it is checked, and how it ended in the last run",
  args: ["CLAUSE"],
  flags: {},
  more: "CLAUSE is a clause (push/atomic), a check (push/batch#chunks) or a family (push).",
  examples: [
    ["gauntlet explain push/atomic", "one clause"],
    ["gauntlet explain live", "every clause of a family in one line each"],
  ],
  run: async ({ args, io }) => {
    const [name = ""] = args
    if (families.includes(name)) {
      io.out(family(name))
      return 0
    }
    const [{ checks }, { mutants }] = await Promise.all([
      import("../../suites/index.ts"),
      import("../../providers/mutants/index.ts"),
    ])
    const clause = clauseById(name) ?? clauseById(checks.find(({ id }) => id === name)?.clause ?? "")
    if (clause === undefined) {
      const like = didYouMean(name, [...catalogue.map(({ id }) => id), ...families])
      throw new UsageError(`the contract has no clause "${name}"${like}; see docs/contract.md`)
    }
    io.out(explained(clause, checks, mutants, io))
    return 0
  },
})

const family = (name: string): string => {
  const rows = catalogue
    .filter((clause) => clause.family === name)
    .map(({ id, level, sentence }) => [id, level, sentence])
  return `${textTable(rows, "")}\n`
}

const explained = (clause: Clause, checks: ReadonlyArray<Check>, mutants: ReadonlyArray<Mutant>, io: Io): string => {
  const own = checks.filter((check) => check.clause === clause.id)
  const planted = mutants.filter((mutant) => mutant.clause === clause.id)
  const about =
    clause.subject === "provider" ? "" : `, about the ${clause.subject}: it never decides a provider's conformance`
  const parts = [
    `${clause.id} (${clause.level}${about})`,
    wrap(clause.sentence, Math.min(io.columns, 100) - 2)
      .map((line) => `  ${line}`)
      .join("\n"),
    ...(clause.verifies.length === 0 ? [] : [`Verifies ${clause.verifies.join(", ")}.`]),
    own.length === 0 ? "No check is about it yet." : `Checked by\n${own.map(checkText).join("\n")}`,
    planted.length === 0
      ? "No bug is planted for it yet."
      : `Planted bugs that its check must catch\n${textTable(planted.map(({ id, anomaly, title }) => [id, anomaly, title]))}`,
    lastOutcomes(clause),
    `Run it:  npx -y pnpm@12 gauntlet run --check ${clause.id}`,
  ]
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`
}

const checkText = ({ id, cost, isolation, needs, premises }: Check): string =>
  [
    `  ${id}: ${cost}${isolation === "host" ? ", on a host of its own" : ""}`,
    ...(needs.length === 0 ? [] : [`    needs ${needs.join(", ")}; unknown without`]),
    ...premises.map((premise) => `    takes for granted: ${premise}`),
  ].join("\n")

const lastOutcomes = (clause: Clause): string => {
  if (!existsSync(join(defaultOutDir, reportFiles.run))) return ""
  const run: Run = savedRun(defaultOutDir, "/")
  const rows = run.runs.flatMap(({ provider, checks }) =>
    checks
      .filter((check) => check.clause === clause.id)
      .map((check) => [provider, check.id, styleOf(check.outcome).word, check.reason ?? ""]),
  )
  return rows.length === 0 ? "" : `In the last run (${run.started})\n${textTable(rows)}`
}
