/** A value that SQLite keeps. */
export type SqlValue = string | number | null

/** Synchronous SQLite: a Durable Object's, or Node's in tests. What fails throws. */
export interface Sql {
  readonly read: (query: string, ...bindings: ReadonlyArray<SqlValue>) => Iterable<Record<string, SqlValue>>
  /** The same as arrays of the columns, for many rows. */
  readonly readArrays: (query: string, ...bindings: ReadonlyArray<SqlValue>) => Iterable<ReadonlyArray<SqlValue>>
  readonly write: (query: string, ...bindings: ReadonlyArray<SqlValue>) => void
  /** All of it or, when it throws, nothing. */
  readonly transaction: <A>(body: () => A) => A
}

/** The first row, if any. */
export const firstRow = (rows: Iterable<Record<string, SqlValue>>): Record<string, SqlValue> | undefined => {
  for (const row of rows) return row
  return undefined
}
