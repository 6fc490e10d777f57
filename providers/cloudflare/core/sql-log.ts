import { Effect } from "effect"
import { eventOfColumns, headAfter, textsOf } from "./chain.ts"
import {
  StorageFailed,
  type LogEvent,
  type LoggedEvent,
  type LogHead,
  type LogStore,
  type PageBounds,
} from "./log-store.ts"
import type { Seams } from "./seams.ts"
import { firstRow, type Sql } from "./sql.ts"

/** A log in SQLite. `newBackendId` names a new life. */
export const sqlLog = (options: {
  readonly sql: Sql
  readonly seams: Pick<Seams, "identity" | "append" | "setHead" | "readPage">
  readonly newBackendId: () => string
}): LogStore => {
  const { sql, seams } = options
  const head = (): LogHead => seams.identity(sql, options.newBackendId)
  /** Runs in one transaction. A refusal is a value, so that only failures roll back. */
  const inTransaction = <A, E>(body: () => A | Refused<E>): Effect.Effect<A, E | StorageFailed> =>
    Effect.suspend((): Effect.Effect<A, E | StorageFailed> => {
      let result: A | Refused<E>
      try {
        result = sql.transaction(body)
      } catch (error) {
        return Effect.fail(new StorageFailed({ message: String(error) }))
      }
      return result instanceof Refused ? Effect.fail(result.reason) : Effect.succeed(result)
    })

  return {
    head: inTransaction<LogHead, never>(head),
    append: (batch, seen, refuse) =>
      inTransaction(() => {
        const before = head()
        const reason = refuse(before, seen === undefined ? undefined : positionOf(sql, seen)?.digest)
        if (reason !== undefined) return new Refused(reason)
        if (batch.length === 0) return before
        const after = seams.append(sql, before, batch)
        seams.setHead(sql, after)
        return after
      }),
    page: ({ after, until }, bounds, refuse) =>
      inTransaction(() => {
        const now = head()
        const cursor = after === 0 ? { position: 0, digest: undefined } : positionOf(sql, after)
        const reason = refuse(now, cursor?.digest)
        if (reason !== undefined) return new Refused(reason)
        const position = cursor?.position ?? 0
        const end = until === undefined ? undefined : positionOf(sql, until)
        const left = Math.max(0, (end?.position ?? now.position) - position)
        const pageEvents = Math.min(bounds.pageEvents, left)
        const events = seams.readPage(sql, position, { ...bounds, pageEvents })
        return { head: now, events, remaining: left - events.length }
      }),
  }
}

class Refused<E> {
  readonly reason: E
  constructor(reason: E) {
    this.reason = reason
  }
}

const positionOf = (sql: Sql, seqNum: number): { readonly position: number; readonly digest: string } | undefined => {
  const row = firstRow(sql.read("SELECT position, digest FROM event WHERE seq = ?", seqNum))
  return row && { position: Number(row["position"]), digest: String(row["digest"]) }
}

const headQuery = `
  SELECT backend_id, head, position, digest,
    (SELECT MAX(position) FROM event) AS last_position,
    (SELECT digest FROM event WHERE position = life.position) AS last_digest
  FROM life WHERE one = 1`

/**
 * Identity and head as storage has them. Where the tables, the identity, or the events that the head stands for
 * are gone, storage was wiped beneath: what is left belongs to no life, and a new one begins.
 */
export const readIdentity = (sql: Sql, newBackendId: () => string): LogHead => {
  const row = hasTables(sql) ? firstRow(sql.read(headQuery)) : undefined
  if (row !== undefined) {
    const position = Number(row["position"])
    const whole = position === Number(row["last_position"] ?? 0) && row["digest"] === (row["last_digest"] ?? "")
    if (whole) {
      return {
        backendId: String(row["backend_id"]),
        seqNum: Number(row["head"]),
        position,
        digest: String(row["digest"]),
      }
    }
  }
  return beginLife(sql, newBackendId())
}

const hasTables = (sql: Sql): boolean => {
  const tables = firstRow(
    sql.read("SELECT COUNT(*) AS tables FROM sqlite_master WHERE type = 'table' AND name IN ('life', 'event')"),
  )
  return tables?.["tables"] === 2
}

/**
 * The tables are emptied, not dropped: a page that ended at its bytes leaves a cursor open until its memory is
 * collected, and a table that is being read cannot be dropped.
 */
const beginLife = (sql: Sql, backendId: string): LogHead => {
  sql.write(`CREATE TABLE IF NOT EXISTS life (
    one INTEGER PRIMARY KEY CHECK (one = 1), backend_id TEXT NOT NULL,
    head INTEGER NOT NULL, position INTEGER NOT NULL, digest TEXT NOT NULL)`)
  sql.write(`CREATE TABLE IF NOT EXISTS event (
    position INTEGER PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, parent INTEGER NOT NULL,
    texts TEXT NOT NULL, args TEXT, digest TEXT NOT NULL, size_bytes INTEGER NOT NULL)`)
  sql.write("DELETE FROM life")
  sql.write("DELETE FROM event")
  sql.write("INSERT INTO life VALUES (1, ?, 0, 0, '')", backendId)
  return { backendId, seqNum: 0, position: 0, digest: "" }
}

/** Writes events behind the head; the head itself is set apart. */
export const appendEvents = (sql: Sql, head: LogHead, batch: ReadonlyArray<LogEvent>): LogHead => {
  let after = head
  for (const event of batch) {
    const texts = textsOf(event)
    after = headAfter(after, event, texts)
    sql.write(
      "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)",
      after.position,
      event.seqNum,
      event.parentSeqNum,
      texts,
      event.args ?? null,
      after.digest,
      event.sizeBytes,
    )
  }
  return after
}

/** Moves the stored head. */
export const storeHead = (sql: Sql, head: LogHead): void =>
  sql.write("UPDATE life SET head = ?, position = ?, digest = ?", head.seqNum, head.position, head.digest)

const pageQuery = `
  SELECT seq, parent, texts, args, digest, size_bytes FROM event WHERE position > ? ORDER BY position LIMIT ?`

/** The events behind a position, as many as the bounds allow and at least one if there is one. */
export const readEvents = (sql: Sql, position: number, bounds: PageBounds): ReadonlyArray<LoggedEvent> => {
  const events: Array<LoggedEvent> = []
  let pageBytes = 0
  for (const row of sql.readArrays(pageQuery, position, bounds.pageEvents)) {
    const event = eventOfColumns(row)
    pageBytes += event.sizeBytes
    if (events.length > 0 && pageBytes > bounds.pageBytes) break
    events.push(event)
  }
  return events
}

/** The whole log, for those who look past the provider; empty where there is no life. */
export const readWholeLog = (sql: Sql): ReadonlyArray<LoggedEvent> =>
  hasTables(sql) ? readEvents(sql, 0, { pageEvents: -1, pageBytes: Number.POSITIVE_INFINITY }) : []
