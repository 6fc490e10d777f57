import { Effect } from "effect"
import type { D1, D1Rows, D1Statement } from "../core/d1.ts"
import { StorageFailed } from "../core/log-store.ts"
import type { StorageFaults } from "./isolate.ts"
import type { Meter } from "./meter.ts"

/** The part of a D1 binding that is used here. */
export interface D1Binding {
  prepare(query: string): { bind(...values: ReadonlyArray<unknown>): unknown }
  batch(statements: ReadonlyArray<unknown>): Promise<
    ReadonlyArray<{
      readonly results: D1Rows
      readonly meta: { readonly rows_read: number; readonly rows_written: number }
    }>
  >
}

/** The D1 database behind a binding. */
export const boundD1 = (binding: D1Binding, meter: Pick<Meter, "rows">): D1 => ({
  batch: (statements) =>
    Effect.tryPromise({
      try: async () => {
        const prepared = statements.map(({ query, bindings }) => binding.prepare(query).bind(...bindings))
        return (await binding.batch(prepared)).map(({ results, meta }) => {
          meter.rows({ rowsRead: meta.rows_read, rowsWritten: meta.rows_written })
          return results
        })
      },
      catch: (error) => new StorageFailed({ message: String(error) }),
    }),
})

/** Fails in the database, so that the transaction around it is undone there. */
const failing: D1Statement = { query: "SELECT abs(-9223372036854775808)", bindings: [], writes: true }

/**
 * D1 with the harness's faults in front of it. A slow statement takes half of its time before it is done and half
 * after, so that others come in between on both sides.
 */
export const faultyD1 = (d1: D1, faults: StorageFaults): D1 => {
  const checkOutage = Effect.suspend(() => {
    if (!faults.outage) return Effect.void
    faults.bit += 1
    return Effect.fail(new StorageFailed({ message: "storage is out" }))
  })
  const orFailing = (statement: D1Statement): D1Statement => {
    if (!statement.writes || faults.writesUntilFailure === 0) return statement
    faults.writesUntilFailure -= 1
    if (faults.writesUntilFailure > 0) return statement
    faults.bit += 1
    return failing
  }
  const slowMs = (statements: ReadonlyArray<D1Statement>): number => {
    const slow = faults.slowWritesOnly ? statements.filter(({ writes }) => writes) : statements
    if (faults.slowMs === 0) return 0
    faults.slowed += slow.length
    return faults.slowMs * slow.length
  }
  return {
    batch: (statements) =>
      Effect.gen(function* () {
        yield* checkOutage
        const halfMs = slowMs(statements) / 2
        if (halfMs > 0) yield* Effect.sleep(halfMs)
        const results = yield* d1.batch(statements.map(orFailing))
        if (halfMs > 0) yield* Effect.sleep(halfMs)
        // Done, but nobody can say so any more.
        yield* checkOutage
        return results
      }),
  }
}
