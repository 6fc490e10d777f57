import { catalogue } from "../contract/catalogue/index.ts"
import type { Check } from "../harness/check.ts"
import type { Mutant } from "../providers/mutants/mutant.ts"
import type { MutantResult } from "./kill-mutant.ts"
import { tryInPool, type MatrixOptions } from "./kill-matrix-pool.ts"
import { runnableOnMock } from "./runnable-on-mock.ts"

/** The kill matrix: every planted bug of the mock against the checks of its family. `gauntlet mutants --json`. */
export interface KillMatrix {
  readonly schema: 1
  readonly total: number
  readonly caught: number
  /** Bugs that no check of their clause noticed, by id. */
  readonly survivors: ReadonlyArray<string>
  /** Bugs that their checks noticed for another reason than the one that they name, by id. */
  readonly wrongReason: ReadonlyArray<string>
  /** Clauses that the mock can run and that no planted bug is about. */
  readonly clausesWithout: ReadonlyArray<string>
  /** Bugs whose check fails on the mock without them too, by id. */
  readonly unclean: ReadonlyArray<string>
  /** Clauses that the mock cannot run: their bugs are tried with the providers that can. */
  readonly notOnMock: ReadonlyArray<string>
  /** Each bug that was tried, in the order of the list of bugs. */
  readonly mutants: ReadonlyArray<MutantResult>
  readonly ms: number
}

/** Whether the matrix has an error in it: something that a planted bug shows the suites to be worth less. */
export const isFaulty = ({ survivors, wrongReason, clausesWithout, unclean }: KillMatrix): boolean =>
  survivors.length + wrongReason.length + clausesWithout.length + unclean.length > 0

/** The clauses that the mock can run, and those among them that no planted bug is about. */
const clausesOf = (checks: ReadonlyArray<Check>, mutants: ReadonlyArray<Mutant>) => {
  const can = runnableOnMock(checks)
  const runnable = new Set(can.map(({ clause }) => clause))
  const checked = new Set(checks.map(({ clause }) => clause))
  const planted = new Set(mutants.map(({ clause }) => clause))
  const ids = catalogue.map(({ id }) => id)
  return {
    without: ids.filter((id) => runnable.has(id) && !planted.has(id)),
    notOnMock: ids.filter((id) => checked.has(id) && !runnable.has(id)),
  }
}

/** Puts the results together. */
export const assembleMatrix = (
  results: ReadonlyArray<MutantResult>,
  all: { readonly checks: ReadonlyArray<Check>; readonly mutants: ReadonlyArray<Mutant> },
  ms: number,
): KillMatrix => {
  const order = new Map(all.mutants.map(({ id }, n) => [id, n]))
  const mutants = results.toSorted((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0))
  const idsWith = (status: MutantResult["status"]) =>
    mutants.filter((result) => result.status === status).map(({ id }) => id)
  const { without, notOnMock } = clausesOf(all.checks, all.mutants)
  return {
    schema: 1,
    total: mutants.length,
    caught: idsWith("caught").length,
    survivors: idsWith("survived"),
    wrongReason: idsWith("wrong-reason"),
    clausesWithout: without,
    unclean: idsWith("unclean"),
    notOnMock,
    mutants,
    ms: Math.round(ms),
  }
}

/** Tries planted bugs on worker threads and puts the matrix together. */
export const killMatrix = async (
  options: MatrixOptions & {
    /** All checks and all bugs there are: which clauses are without a bug hangs on them. */
    readonly all: { readonly checks: ReadonlyArray<Check>; readonly mutants: ReadonlyArray<Mutant> }
    /** The wall clock, for how long it took. */
    readonly nowMs: () => number
  },
): Promise<KillMatrix> => {
  const fromMs = options.nowMs()
  const results = await tryInPool(options)
  return assembleMatrix(results, options.all, options.nowMs() - fromMs)
}
