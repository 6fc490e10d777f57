import type { Effect } from "effect"
import type { StorageFailed } from "./log-store.ts"
import type { SqlValue } from "./sql.ts"

/** One statement for D1. Its parameters are numbered: `?1` is the first of `bindings`. */
export interface D1Statement {
  readonly query: string
  readonly bindings: ReadonlyArray<SqlValue>
  /** Whether it writes to a log: the statements that a harness makes fail. */
  readonly writes: boolean
}

/** The rows that one statement gave. */
export type D1Rows = ReadonlyArray<Readonly<Record<string, SqlValue>>>

/** A D1 database. There is no transaction beyond one call: what is asked between two calls may have changed. */
export interface D1 {
  /**
   * Runs the statements in one transaction. It fails when none of them was done, or when the answer was lost and
   * nobody knows.
   */
  readonly batch: (statements: ReadonlyArray<D1Statement>) => Effect.Effect<ReadonlyArray<D1Rows>, StorageFailed>
}

/** What D1 takes of one statement. https://developers.cloudflare.com/d1/platform/limits/ */
export const d1Limits = {
  boundParameters: 100,
  statementBytes: 100_000,
  /** Of one string, and of one row. */
  valueBytes: 2_000_000,
  /** Statements in one invocation of a Worker, on the smallest plan. */
  statements: 50,
} as const
