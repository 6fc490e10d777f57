import { killMatrixText } from "../../reports/kill-matrix-text.ts"
import type { KillMatrix } from "../../scenarios/kill-matrix.ts"
import { defineCommand } from "../command.ts"
import { makeCounter } from "../counter.ts"
import { fitsGlob } from "../glob.ts"
import { didYouMean } from "../nearest.ts"
import { listenForStop } from "../stop-signals.ts"
import { UsageError } from "../usage-error.ts"

/** Seeds that a bug is tried under unless one catches it sooner: a bug that hangs on who comes first needs some. */
const defaultSeeds = 8

/** Threads that try bugs at once. */
const workers = 2

export const command = defineCommand({
  name: "mutants",
  summary: "the kill matrix: every planted bug against the checks of its family",
  args: [],
  flags: {
    mutant: { value: "GLOB", repeat: true, help: "only these bugs: ids or clauses, with * and ?" },
    seeds: { value: "N", integer: true, help: `try seeds 1 to N until one catches a bug (${defaultSeeds})` },
    full: { help: "against every check there is, not its family's quick ones alone; takes long" },
    json: { help: "one JSON document on standard output" },
  },
  more: `A bug is caught when the check of its clause fails with the anomaly that the bug names, in what the bug touched,
and passes under the same seed without it. Exit code 1: a bug survived or was caught for another reason, a clause that
the mock can run has no bug, or a check fails without a bug.`,
  examples: [
    ["gauntlet mutants", "the whole matrix, in about a minute"],
    ["gauntlet mutants --mutant 'push/*'", "the bugs of one family"],
    ["gauntlet mutants --json", "{ schema, total, caught, survivors, wrongReason, clausesWithout, … }"],
  ],
  run: async ({ flags, io }) => {
    if (flags.seeds === 0) throw new UsageError("--seeds needs at least 1")
    const [{ checks }, { mutants }, { killMatrix, isFaulty }] = await Promise.all([
      import("../../suites/index.ts"),
      import("../../providers/mutants/index.ts"),
      import("../../scenarios/kill-matrix.ts"),
    ])
    const chosen = selectMutants(mutants, flags.mutant)
    const counter = makeCounter(io, chosen.length, "planted bugs tried")
    let caught = 0
    const stop = listenForStop({ onStop: () => counter.close(), onEndNow: () => undefined })
    try {
      const matrix = await killMatrix({
        mutants: chosen,
        all: { checks, mutants },
        seeds: flags.seeds ?? defaultSeeds,
        full: flags.full,
        workers,
        signal: stop.signal,
        nowMs: () => performance.now(),
        onResult: ({ status }) => {
          if (status === "caught") caught += 1
          counter.add(`${caught} caught`)
        },
      })
      counter.close()
      if (stop.signal.aborted) return 130
      io.out(flags.json ? `${JSON.stringify(matrix, undefined, 2)}\n` : await tell(matrix))
      return isFaulty(matrix) ? 1 : 0
    } finally {
      stop.close()
    }
  },
})

/** The bugs whose id or clause fits one of the patterns; a pattern that fits none is a `UsageError`. */
const selectMutants = <M extends { readonly id: string; readonly clause: string }>(
  all: ReadonlyArray<M>,
  patterns: ReadonlyArray<string>,
): ReadonlyArray<M> => {
  if (patterns.length === 0) return all
  const fits = (pattern: string, { id, clause }: M) => fitsGlob(pattern, id) || fitsGlob(pattern, clause)
  for (const pattern of patterns) {
    if (all.some((mutant) => fits(pattern, mutant))) continue
    const like = didYouMean(
      pattern,
      all.flatMap(({ id, clause }) => [id, clause]),
    )
    throw new UsageError(`no planted bug matches "${pattern}"${like}; see "gauntlet list"`)
  }
  return all.filter((mutant) => patterns.some((pattern) => fits(pattern, mutant)))
}

const tell = async (matrix: KillMatrix): Promise<string> => {
  const { cloudflareMutants } = await import("../../providers/cloudflare/mutants.ts")
  return killMatrixText(matrix, [{ provider: "cf-ws-do", count: cloudflareMutants.length }])
}
