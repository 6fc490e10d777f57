import type { CheckResult, Outcome, Run } from "../../contract/run.ts"
import { plural } from "../../reports/headline.ts"
import { defineCommand } from "../command.ts"
import { savedRun } from "../saved-run.ts"
import { textTable } from "../text-table.ts"

export const command = defineCommand({
  name: "diff",
  summary: "what changed between two saved runs",
  args: ["A", "B"],
  flags: { json: { help: "{ schema, worse, better, other, gone, added } on standard output" } },
  more: "Exit code 1 when something is worse in B than it was in A.",
  examples: [["gauntlet diff reports/out/previous reports/out/latest", "the last run beside the one before"]],
  run: async ({ args, flags, io }) => {
    const changes = changesBetween(savedRun(args[0]!, io.cwd), savedRun(args[1]!, io.cwd))
    if (flags.json) io.out(`${JSON.stringify({ schema: 1, ...changes }, undefined, 2)}\n`)
    else io.out(tell(changes))
    return changes.worse.length > 0 ? 1 : 0
  },
})

/** One check of one provider that ended otherwise. */
interface Change {
  readonly provider: string
  readonly check: string
  readonly from?: string
  readonly to?: string
}

/** What changed between two runs. `other` is a change among outcomes that are as bad as each other. */
interface Changes {
  readonly worse: ReadonlyArray<Change>
  readonly better: ReadonlyArray<Change>
  readonly other: ReadonlyArray<Change>
  /** In A alone, and in B alone. */
  readonly gone: ReadonlyArray<Change>
  readonly added: ReadonlyArray<Change>
}

/** How bad an outcome is; those of a rank are as bad as each other. */
const ranks: Readonly<Record<Outcome, number>> = {
  pass: 0,
  unsupported: 1,
  deviation: 2,
  "should-fail": 2,
  unknown: 3,
  flaky: 3,
  fail: 4,
  "harness-error": 5,
}

const toldOf = ({ outcome, anomaly }: CheckResult): string =>
  anomaly === undefined ? outcome : `${outcome} (${anomaly})`

const resultsOf = (run: Run): ReadonlyMap<string, readonly [provider: string, check: CheckResult]> =>
  new Map(
    run.runs.flatMap(({ provider, checks }) => checks.map((check) => [`${provider} ${check.id}`, [provider, check]])),
  )

const changesBetween = (a: Run, b: Run): Changes => {
  const [before, after] = [resultsOf(a), resultsOf(b)]
  const changes = { worse: [], better: [], other: [], gone: [], added: [] } as Record<keyof Changes, Array<Change>>
  for (const [key, [provider, was]] of before) {
    const [, is] = after.get(key) ?? []
    const [from, to] = [toldOf(was), is === undefined ? undefined : toldOf(is)]
    if (is === undefined || to === undefined) changes.gone.push({ provider, check: was.id, from })
    else if (from !== to) {
      const by = ranks[is.outcome] - ranks[was.outcome]
      changes[by > 0 ? "worse" : by < 0 ? "better" : "other"].push({ provider, check: was.id, from, to })
    }
  }
  for (const [key, [provider, is]] of after) {
    if (!before.has(key)) changes.added.push({ provider, check: is.id, to: toldOf(is) })
  }
  return changes
}

const tell = (changes: Changes): string => {
  const parts = (["worse", "better", "other"] as const).flatMap((name) =>
    changes[name].length === 0
      ? []
      : [
          `${name}:`,
          textTable(changes[name].map(({ provider, check, from, to }) => [provider, check, `${from} → ${to}`])),
        ],
  )
  const { gone, added } = changes
  const rest = [
    ...(gone.length > 0 ? [`${plural(gone.length, "check")} of A did not run in B`] : []),
    ...(added.length > 0 ? [`${plural(added.length, "check")} ran in B alone`] : []),
  ]
  return `${[...(parts.length === 0 ? ["Every check that ran in both ended the same way"] : parts), ...rest].join("\n")}\n`
}
