import { DatabaseSync, type StatementSync } from "node:sqlite"
import type { StorageFault, StorageFaultKind } from "../../../contract/fault.ts"
import type { Sql, SqlValue } from "../core/sql.ts"

/** A fault that stands on a store's storage. */
export interface StandingFault {
  readonly fault: StorageFault
  bit: number
}

/** What a transaction, or a statement outside of one, did: whether it wrote, and how long it takes, in milliseconds. */
export interface Spent {
  readonly wrote: boolean
  readonly ms: number
}

const adds = /^\s*(INSERT|CREATE|UPDATE)/

/**
 * The SQLite of one store's object: it outlives every process. Statements throw where a fault stands; what is done
 * past the object (wipe, snapshot, truth) never does.
 */
export class StoreStorage {
  /** Outages that stand. */
  outages = 0
  /** Writing statements of the log until one fails; 0 for none. */
  writesUntilFailure = 0
  /** Statements that an outage or a failing write has hit. */
  bit = 0
  readonly standing = new Set<StandingFault>()
  private readonly database = new DatabaseSync(":memory:")
  private readonly statements = new Map<string, StatementSync>()
  /** A savepoint is open before the first write that is not confirmed. */
  private unsynced = false
  private lost = 0

  /** Statements of the object, with every fault in front of them. `spent` is told of each unit of work that is done. */
  sql(use: "log" | "sessions", spent: (spent: Spent) => void): Sql {
    let depth = 0
    let wrote = false
    const unit = <A>(body: () => A): A => {
      if (depth === 0) {
        wrote = false
        this.beginUnsynced()
      }
      depth += 1
      try {
        return body()
      } finally {
        depth -= 1
        if (depth === 0) spent({ wrote, ms: this.slowMs(wrote) })
      }
    }
    const read = (query: string, bindings: ReadonlyArray<SqlValue>, arrays: boolean): unknown =>
      unit(() => {
        this.refuseWhileOut()
        return this.all(query, bindings, arrays)
      })
    return {
      read: (query, ...bindings) => read(query, bindings, false) as Array<Record<string, SqlValue>>,
      readArrays: (query, ...bindings) => read(query, bindings, true) as Array<ReadonlyArray<SqlValue>>,
      write: (query, ...bindings) =>
        unit(() => {
          this.refuseWhileOut()
          this.refuseWrite(use, query)
          wrote = true
          this.run(query, bindings)
        }),
      transaction: (body) =>
        unit(() => {
          this.database.exec("SAVEPOINT body")
          try {
            const result = body()
            this.database.exec("RELEASE body")
            return result
          } catch (error) {
            wrote = false
            this.database.exec("ROLLBACK TO body")
            this.database.exec("RELEASE body")
            throw error
          }
        }),
    }
  }

  /** What was written so far outlives a loss of power. */
  confirm(): void {
    if (!this.unsynced) return
    this.unsynced = false
    this.lost = 0
    this.database.exec("RELEASE unsynced")
  }

  /** The power went: what was not confirmed is gone, where a fault has it so. */
  powerLost(): void {
    if (!this.unsynced) return
    if (this.lost > 0) this.bites("unsynced", this.lost)
    this.database.exec("ROLLBACK TO unsynced")
    this.confirm()
  }

  /** Ends the life: nothing is left. */
  wipe(): void {
    this.confirm()
    for (const name of this.tables()) this.database.exec(`DROP TABLE ${name}`)
  }

  /** Deletes the rows and leaves the tables. */
  wipeBeneath(): void {
    this.confirm()
    for (const name of this.tables()) this.database.exec(`DELETE FROM ${name}`)
  }

  close(): void {
    this.database.close()
  }

  /** Statements past the faults. */
  readonly bare: Sql = {
    read: (query, ...bindings) => this.rows(query, bindings),
    readArrays: (query, ...bindings) => this.all(query, bindings, true) as Array<ReadonlyArray<SqlValue>>,
    write: (query, ...bindings) => this.run(query, bindings),
    transaction: (body) => body(),
  }

  private beginUnsynced(): void {
    if (this.unsynced || this.of("unsynced") === undefined) return
    this.unsynced = true
    this.database.exec("SAVEPOINT unsynced")
  }

  /** Throws while an outage stands. */
  refuseWhileOut(): void {
    if (this.outages === 0) return
    this.bit += 1
    throw new Error("storage is out")
  }

  /** Throws where a fault is aimed at this writing statement. */
  refuseWrite(use: "log" | "sessions", query: string): void {
    if (this.of("full") !== undefined && adds.test(query)) {
      this.bites("full")
      throw new Error("the database or disk is full")
    }
    if (use !== "log" || this.writesUntilFailure === 0) return
    this.writesUntilFailure -= 1
    if (this.writesUntilFailure > 0) return
    this.bit += 1
    throw new Error("the statement failed")
  }

  /** How much longer a unit of work takes, in milliseconds; asked once for each. */
  slowMs(wrote: boolean): number {
    let ms = 0
    for (const standing of this.standing) {
      const { fault } = standing
      if (fault.kind !== "slow" || (fault.of === "writes" && !wrote)) continue
      standing.bit += 1
      ms += fault.ms
    }
    return ms
  }

  /** A fault of this kind, where one stands, has changed so much. */
  bites(kind: StorageFaultKind, times = 1): void {
    const standing = this.of(kind)
    if (standing !== undefined) standing.bit += times
  }

  private of(kind: StorageFaultKind): StandingFault | undefined {
    for (const standing of this.standing) if (standing.fault.kind === kind) return standing
    return undefined
  }

  private tables(): ReadonlyArray<string> {
    const rows = this.rows("SELECT name FROM sqlite_master WHERE name IN ('life', 'event', 'session')")
    return rows.map(({ name }) => String(name))
  }

  /** Rows past the faults. */
  rows(query: string, bindings: ReadonlyArray<SqlValue> = []): ReadonlyArray<Record<string, SqlValue>> {
    return this.all(query, bindings, false) as ReadonlyArray<Record<string, SqlValue>>
  }

  private all(query: string, bindings: ReadonlyArray<SqlValue>, arrays: boolean): unknown {
    return this.statement(query, arrays).all(...bindings)
  }

  private run(query: string, bindings: ReadonlyArray<SqlValue>): void {
    if (this.unsynced) this.lost += 1
    this.statement(query, false).run(...bindings)
  }

  private statement(query: string, arrays: boolean): StatementSync {
    const key = arrays ? `arrays ${query}` : query
    const known = this.statements.get(key)
    if (known !== undefined) return known
    const made = this.database.prepare(query)
    if (arrays) made.setReturnArrays(true)
    this.statements.set(key, made)
    return made
  }
}
