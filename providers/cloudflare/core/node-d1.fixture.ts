import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { d1Limits, type D1, type D1Rows, type D1Statement } from "./d1.ts"
import { StorageFailed } from "./log-store.ts"

/** What D1 was asked to do, and what it should do wrong. */
export interface NodeD1 extends D1 {
  /** Every call so far, as the queries of its statements. */
  readonly calls: Array<ReadonlyArray<string>>
  /** The nth writing statement from now fails. */
  readonly failWrite: (nth: number) => void
  /** The next call that writes is done, and its answer is lost. */
  readonly loseAnswer: () => void
  /** Each call from now on gives so many turns to others before it is done, and so many after (default: as many). */
  readonly takeTurns: (before: number, after?: number) => void
  /** Runs SQL beneath. */
  readonly exec: (query: string) => void
  readonly rows: (query: string) => D1Rows
}

/**
 * Node's SQLite in memory in the place of D1: one transaction a call, other work goes on while a call is under way,
 * and D1's limits are kept.
 */
export const nodeD1 = (): NodeD1 => {
  const database = new DatabaseSync(":memory:")
  const calls: Array<ReadonlyArray<string>> = []
  let untilFailure = 0
  let losesAnswer = false
  let turns = { before: 1, after: 1 }

  const run = ({ query, bindings, writes }: D1Statement): D1Rows => {
    if (writes && untilFailure > 0 && --untilFailure === 0) throw new Error("the statement failed")
    checkLimits(query, bindings)
    return database.prepare(query).all(...bindings) as D1Rows
  }

  const transaction = (statements: ReadonlyArray<D1Statement>): ReadonlyArray<D1Rows> => {
    if (statements.length > d1Limits.statements) throw new Error(`too many statements: ${statements.length}`)
    calls.push(statements.map(({ query }) => query))
    database.exec("BEGIN")
    try {
      const results = statements.map(run)
      database.exec("COMMIT")
      return results
    } catch (error) {
      database.exec("ROLLBACK")
      throw error
    }
  }

  const pause = (count: number) => Effect.forEach(Array.from({ length: count }), () => Effect.yieldNow)

  return {
    calls,
    failWrite: (nth) => {
      untilFailure = nth
    },
    loseAnswer: () => {
      losesAnswer = true
    },
    takeTurns: (before, after = before) => {
      turns = { before, after }
    },
    exec: (query) => database.exec(query),
    rows: (query) => database.prepare(query).all() as D1Rows,
    batch: (statements) =>
      Effect.gen(function* () {
        const { before, after } = turns
        yield* pause(before)
        const results = yield* Effect.try({
          try: () => transaction(statements),
          catch: (error) => new StorageFailed({ message: String(error) }),
        })
        yield* pause(after)
        if (!losesAnswer || !statements.some(({ writes }) => writes)) return results
        losesAnswer = false
        return yield* new StorageFailed({ message: "Network connection lost" })
      }),
  }
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

const checkLimits = (query: string, bindings: D1Statement["bindings"]): void => {
  if (bindings.length > d1Limits.boundParameters) throw new Error(`too many SQL variables: ${bindings.length}`)
  if (bytesOf(query) > d1Limits.statementBytes) throw new Error(`statement too long: ${bytesOf(query)}`)
  for (const value of bindings) {
    if (typeof value === "string" && bytesOf(value) > d1Limits.valueBytes) throw new Error("string or blob too big")
  }
}
