import type { Costs } from "../../../contract/costs.ts"

/** An idle object is taken out of memory after about so long. */
const sleepsAfterMs = 10_000

/** What a statement has read and written so far. */
export interface Rows {
  readonly rowsRead: number
  readonly rowsWritten: number
}

/**
 * Counts what one object costs. It lies beside the object, in the isolate, and outlives its sleep: an object that
 * comes to life again has slept since shortly after it was last used.
 */
export interface Meter {
  readonly woke: () => void
  /** Something happened in the object that is billed by its duration alone. */
  readonly used: () => void
  readonly request: () => void
  readonly message: () => void
  readonly rows: (rows: Rows) => void
  /**
   * The same for a cursor that is yet to be read, which is looked at when the next one comes. One that was the last of
   * a life is not counted: the platform refuses another life's cursors.
   */
  readonly cursor: (cursor: Rows) => void
  /** The costs so far; whether the object is in memory now has to be said. */
  readonly read: (isAwake: boolean) => Costs
}

export const makeMeter = (nowMs: () => number): Meter => {
  const sum = { requests: 0, messages: 0, wakeUps: 0, rowsRead: 0, rowsWritten: 0, awakeMs: 0 }
  let lastMs: number | undefined
  let unread: Rows | undefined

  /** Time since it was last used: all of it, or until it fell asleep. */
  const pass = (sleptSince: boolean): void => {
    const now = nowMs()
    if (lastMs !== undefined) sum.awakeMs += sleptSince ? Math.min(now - lastMs, sleepsAfterMs) : now - lastMs
    lastMs = now
  }
  const rows = ({ rowsRead, rowsWritten }: Rows): void => {
    sum.rowsRead += rowsRead
    sum.rowsWritten += rowsWritten
  }
  const settle = (): void => {
    const cursor = unread
    unread = undefined
    if (cursor !== undefined) rows(cursor)
  }

  return {
    woke: () => {
      pass(true)
      sum.wakeUps += 1
      unread = undefined
    },
    used: () => pass(false),
    request: () => {
      pass(false)
      sum.requests += 1
    },
    message: () => {
      pass(false)
      sum.messages += 1
    },
    rows,
    cursor: (cursor) => {
      // The one before it was used up: statements of an object do not interleave.
      settle()
      unread = cursor
    },
    read: (isAwake) => {
      if (isAwake) settle()
      if (lastMs === undefined) return { ...sum }
      const sinceMs = nowMs() - lastMs
      return { ...sum, awakeMs: sum.awakeMs + (isAwake ? sinceMs : Math.min(sinceMs, sleepsAfterMs)) }
    },
  }
}
