import type { KillMatrix } from "../scenarios/kill-matrix.ts"
import type { MutantResult } from "../scenarios/kill-mutant.ts"
import { plural } from "./headline.ts"

/** A bug that is planted in a provider that is not the mock, and tried with that provider. */
export interface PlantedElsewhere {
  readonly provider: string
  readonly count: number
}

const marks: Readonly<Record<MutantResult["status"], string>> = {
  caught: "●",
  survived: "○",
  "wrong-reason": "✗",
  unclean: "!",
}

/** The kill matrix for people: a mark for each bug, clause by clause, then what is wrong and how to run it again. */
export const killMatrixText = (matrix: KillMatrix, elsewhere: ReadonlyArray<PlantedElsewhere> = []): string => {
  const parts = [
    ...familyParts(matrix.mutants),
    ...matrix.mutants.filter(({ status }) => status !== "caught").map(troubleText),
    ...(matrix.clausesWithout.length === 0
      ? []
      : [`Clauses that the mock can run and that no planted bug is about:\n  ${matrix.clausesWithout.join("\n  ")}\n`]),
    ...elsewhere.map(
      ({ provider, count }) => `${plural(count, "planted bug")} of ${provider} are tried with their provider.`,
    ),
    ...(matrix.notOnMock.length === 0 ? [] : [`Not to be run on the mock: ${matrix.notOnMock.join(", ")}.`]),
    headline(matrix),
  ]
  return `${parts.join("\n")}\n`
}

const headline = ({
  total,
  caught,
  survivors,
  wrongReason,
  unclean,
  clausesWithout,
  mutants,
  ms,
}: KillMatrix): string => {
  const bad = [
    [survivors.length, "survived"],
    [wrongReason.length, "caught for the wrong reason"],
    [unclean.length, "with a check that fails without them too"],
  ] as const
  const told = bad.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]))
  const runs = mutants.reduce((sum, result) => sum + result.runs, 0)
  return [
    `\n${caught} of ${plural(total, "planted bug")} caught, each by the check of its clause, as the anomaly that it names`,
    ...told,
    ...(clausesWithout.length === 0 ? [] : [`${plural(clausesWithout.length, "clause")} without one`]),
    `${runs} runs in ${(ms / 1000).toFixed(1)} s`,
  ].join("; ")
}

/** One line a clause: its bugs, the anomalies that they were caught as, and how many checks more noticed them. */
const familyParts = (mutants: ReadonlyArray<MutantResult>): ReadonlyArray<string> => {
  const clauses = new Map<string, Array<MutantResult>>()
  for (const result of mutants) clauses.set(result.clause, [...(clauses.get(result.clause) ?? []), result])
  const names = [...clauses.keys()]
  const width = Math.max(0, ...names.map((name) => name.length))
  const most = Math.max(0, ...[...clauses.values()].map((results) => results.length))
  const families = [...new Set(names.map((name) => name.split("/")[0]!))]
  return families.map((family) => {
    const lines = names
      .filter((name) => name.split("/")[0] === family)
      .map((name) => {
        const results = clauses.get(name)!
        const row = results.map(({ status }) => marks[status]).join("")
        const anomalies = [...new Set(results.map(({ anomaly }) => anomaly))].join(", ")
        return `  ${name.padEnd(width)}  ${row.padEnd(most)}  ${anomalies}${besides(results)}`
      })
    const own = mutants.filter(({ clause }) => clause.split("/")[0] === family)
    const caught = own.filter(({ status }) => status === "caught").length
    return `${family}: ${caught} of ${own.length}\n${lines.join("\n")}\n`
  })
}

const besides = (results: ReadonlyArray<MutantResult>): string => {
  const checks = new Set(results.flatMap(({ alsoBroke }) => alsoBroke.map(({ check }) => check)))
  return checks.size === 0 ? "" : ` (${plural(checks.size, "check")} more noticed)`
}

const words: Readonly<Record<MutantResult["status"], string>> = {
  caught: "caught",
  survived: "survived",
  "wrong-reason": "caught for the wrong reason",
  unclean: "its check fails without it too",
}

const troubleText = ({ id, title, status, anomaly, sentence, seeds }: MutantResult): string =>
  [
    `${marks[status]} ${id}: ${words[status]}`,
    `    ${title}; to be called ${anomaly}`,
    ...sentence.split("\n").map((line) => `    ${line}`),
    `    again: gauntlet mutants --mutant '${id}' --seeds ${seeds}`,
    "",
  ].join("\n")
