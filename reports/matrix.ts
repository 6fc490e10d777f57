import { catalogue, families } from "../contract/catalogue/index.ts"
import type { CheckResult, Run, Summary } from "../contract/run.ts"
import { summarise } from "../harness/outcome.ts"

/** One clause family (or clause) on one provider. */
export interface MatrixCell {
  readonly provider: string
  readonly summary: Summary
  readonly checks: ReadonlyArray<CheckResult>
}

export interface MatrixRow {
  /** A family ("push") or a clause ("push/atomic"). */
  readonly name: string
  readonly cells: ReadonlyArray<MatrixCell>
}

export interface FamilyRow extends MatrixRow {
  readonly clauses: ReadonlyArray<MatrixRow>
}

/** Clause families by providers, in the contract's order; families without any check of this run are left out. */
export const matrixOf = (run: Run): ReadonlyArray<FamilyRow> => {
  const clauseOrder = new Map(catalogue.map(({ id }, index) => [id, index]))
  const present = new Set(run.runs.flatMap(({ checks }) => checks.map(({ clause }) => clause)))
  const clauses = [...present].sort((a, b) => (clauseOrder.get(a) ?? 1e6) - (clauseOrder.get(b) ?? 1e6))
  const names = [...new Set([...families, ...clauses.map(familyOf)])]
  return names.flatMap((name) => {
    const own = clauses.filter((clause) => familyOf(clause) === name)
    if (own.length === 0) return []
    const row = rowOf(run, name, (check) => familyOf(check.clause) === name)
    return [{ ...row, clauses: own.map((clause) => rowOf(run, clause, (check) => check.clause === clause)) }]
  })
}

/** The family of a clause or check: "push" of "push/atomic". */
export const familyOf = (clause: string): string => clause.split("/")[0] ?? clause

const rowOf = (run: Run, name: string, fits: (check: CheckResult) => boolean): MatrixRow => ({
  name,
  cells: run.runs.map(({ provider, checks }) => {
    const own = checks.filter(fits)
    return { provider, checks: own, summary: summarise(own) }
  }),
})
