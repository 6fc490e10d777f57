import type { Statements } from "../sql/open-sql.ts"
import { Refused } from "./refused.ts"

/** Faults of one store's storage, put on by the harness. */
export interface StandingFaults {
  /** Every statement fails. */
  outage: boolean
  /** Statements take this much longer, in milliseconds; with `slowWritesOnly` those that write. */
  slowMs: number
  slowWritesOnly: boolean
  /** Nothing can be added. */
  full: boolean
  /** The nth writing statement from now fails; 0 when none does. */
  writesUntilFailure: number
}

/** What stands and how often it took effect. */
export interface FaultReading extends StandingFaults {
  readonly bit: number
  readonly slowed: number
  readonly filled: number
}

export type Statement = "read" | "write" | "commit"

/** Faults of storage, store by store. */
export interface StorageFaults {
  /** Called before each statement of a store: it may take its time, or throw. */
  readonly before: (key: string, statement: Statement, sql: Statements) => Promise<void>
  readonly set: (key: string, faults: Partial<StandingFaults>) => void
  readonly read: (key: string) => FaultReading
  readonly forget: () => void
}

const none: FaultReading = {
  outage: false,
  slowMs: 0,
  slowWritesOnly: false,
  full: false,
  writesUntilFailure: 0,
  bit: 0,
  slowed: 0,
  filled: 0,
}

/** Faults that Postgres itself carries out where it can: a statement that really fails or sleeps in the transaction. */
export const storageFaults = (): StorageFaults => {
  const stores = new Map<string, FaultReading>()
  const read = (key: string): FaultReading => stores.get(key) ?? none
  const note = (key: string, change: Partial<FaultReading>): void => void stores.set(key, { ...read(key), ...change })
  return {
    read,
    set: (key, faults) => note(key, faults),
    forget: () => stores.clear(),
    before: async (key, statement, sql) => {
      const standing = stores.get(key)
      if (standing === undefined) return
      const writes = statement !== "read"
      if (standing.outage) {
        note(key, { bit: standing.bit + 1 })
        throw new Refused({ _tag: "Unavailable", message: "the database is down" })
      }
      if (standing.slowMs > 0 && (writes || !standing.slowWritesOnly)) {
        note(key, { slowed: standing.slowed + 1 })
        await sql`select pg_sleep(${standing.slowMs / 1_000})`
      }
      if (!writes) return
      if (standing.full) {
        note(key, { filled: read(key).filled + 1 })
        await sql`do $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`
      }
      const left = read(key).writesUntilFailure
      if (left === 0) return
      note(key, { writesUntilFailure: left - 1 })
      if (left > 1) return
      note(key, { bit: read(key).bit + 1 })
      await sql`do $$ begin raise exception 'planned failure of a write'; end $$`
    },
  }
}
