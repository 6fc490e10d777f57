import { eventOfColumns, textsOf } from "./chain.ts"
import { d1Limits, type D1Rows, type D1Statement } from "./d1.ts"
import type { LoggedEvent, LogHead, PageBounds } from "./log-store.ts"
import type { SqlValue } from "./sql.ts"

/*
 * The tables and statements of logs in D1. A store's row in `life` names the identity of its data's life and its
 * head; events belong to a life, not to a store, so that what is left of a life that ended is nobody's.
 */

const reads = (query: string, ...bindings: ReadonlyArray<SqlValue>): D1Statement => ({ query, bindings, writes: false })
const writes = (query: string, ...bindings: ReadonlyArray<SqlValue>): D1Statement => ({ query, bindings, writes: true })

/** Makes the tables where they are missing. */
export const tables: ReadonlyArray<D1Statement> = [
  writes(`CREATE TABLE IF NOT EXISTS life (
    store TEXT PRIMARY KEY, backend_id TEXT NOT NULL,
    head INTEGER NOT NULL, position INTEGER NOT NULL, digest TEXT NOT NULL) WITHOUT ROWID`),
  // One tree without an index beside it, so that an event is one row written. What may be long stands last.
  writes(`CREATE TABLE IF NOT EXISTS event (
    backend_id TEXT NOT NULL, seq INTEGER NOT NULL, parent INTEGER NOT NULL, position INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL, digest TEXT NOT NULL, texts TEXT NOT NULL, args TEXT,
    PRIMARY KEY (backend_id, seq)) WITHOUT ROWID`),
]

/** Whether a life's last event is the one that its head stands for; if not, storage was wiped beneath. */
const whole = `(
  life.position = COALESCE((SELECT e.position FROM event AS e
    WHERE e.backend_id = life.backend_id ORDER BY e.seq DESC LIMIT 1), 0)
  AND life.digest = COALESCE((SELECT e.digest FROM event AS e
    WHERE e.backend_id = life.backend_id ORDER BY e.seq DESC LIMIT 1), ''))`

/** A place in a log: how many events there are up to it, and their digest. */
interface Place {
  readonly position: number
  readonly digest: string
}

/** Where a log stands, and what it has at the two numbers that were asked for. */
export interface D1State {
  readonly head: LogHead
  /** At the event numbered `after`. */
  readonly cursor: Place | undefined
  /** The position of the event numbered `until`. */
  readonly untilPosition: number | undefined
}

/** Reads a store's state with `stateOfRows`. */
export const stateOf = (key: string, after: number | undefined, until: number | undefined): D1Statement =>
  reads(
    `SELECT life.backend_id, life.head, life.position, life.digest, ${whole} AS whole,
      cursor.position AS cursor_position, cursor.digest AS cursor_digest, until.position AS until_position
    FROM life
    LEFT JOIN event AS cursor ON cursor.backend_id = life.backend_id AND cursor.seq = ?2
    LEFT JOIN event AS until ON until.backend_id = life.backend_id AND until.seq = ?3
    WHERE life.store = ?1`,
    key,
    after ?? null,
    until ?? null,
  )

/** The state; undefined where there is no life, or only what is left of one. */
export const stateOfRows = ([row]: D1Rows): D1State | undefined => {
  if (row === undefined || row["whole"] !== 1) return undefined
  const { cursor_position: position, until_position: untilPosition } = row
  return {
    head: {
      backendId: String(row["backend_id"]),
      seqNum: Number(row["head"]),
      position: Number(row["position"]),
      digest: String(row["digest"]),
    },
    cursor: typeof position === "number" ? { position, digest: String(row["cursor_digest"]) } : undefined,
    untilPosition: typeof untilPosition === "number" ? untilPosition : undefined,
  }
}

const ofStore = "backend_id = (SELECT backend_id FROM life WHERE store = ?1)"

/**
 * Reads the events behind `after`, as many as the bounds allow and at least one if there is one. The sizes are
 * summed up first, in the database: an answer never holds more than a page.
 */
export const pageOf = (
  key: string,
  { after, until }: { readonly after: number; readonly until?: number },
  { pageEvents, pageBytes }: PageBounds,
): D1Statement =>
  reads(
    `SELECT seq, parent, texts, args, digest, size_bytes FROM event
    WHERE ${ofStore} AND seq > ?2 AND seq <= (
      SELECT MAX(seq) FROM (
        SELECT seq, size_bytes, SUM(size_bytes) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) AS total FROM (
          SELECT seq, size_bytes FROM event
          WHERE ${ofStore} AND seq > ?2
            AND seq <= COALESCE((SELECT seq FROM event WHERE ${ofStore} AND seq = ?3), ${Number.MAX_SAFE_INTEGER})
          ORDER BY seq LIMIT ?4))
      WHERE total <= ?5 OR total = size_bytes)
    ORDER BY seq`,
    key,
    after,
    until ?? null,
    pageEvents,
    pageBytes,
  )

/** The events that `pageOf` read. */
export const eventsOfRows = (rows: D1Rows): ReadonlyArray<LoggedEvent> =>
  rows.map(({ seq = null, parent = null, texts = null, args = null, digest = null, size_bytes: size = null }) =>
    eventOfColumns([seq, parent, texts, args, digest, size]),
  )

/** Begins a life where there is none, or only what is left of one. Of two at once the first one wins. */
export const beginLife = (key: string, backendId: string): ReadonlyArray<D1Statement> => [
  writes(`DELETE FROM life WHERE store = ?1 AND NOT ${whole}`, key),
  writes(`INSERT INTO life VALUES (?1, ?2, 0, 0, '') ON CONFLICT (store) DO NOTHING`, key, backendId),
]

/**
 * Moves the head from `before` to `after`. Where the log stands elsewhere by now, the identity is found nowhere, NULL
 * breaks the table's constraint, and the transaction that this statement belongs to is undone.
 */
export const moveHead = (key: string, before: LogHead, after: LogHead): D1Statement =>
  writes(
    `INSERT INTO life VALUES (?1, (
      SELECT backend_id FROM life
      WHERE store = ?1 AND backend_id = ?2 AND head = ?3 AND position = ?4 AND digest = ?5 AND ${whole}), ?6, ?7, ?8)
    ON CONFLICT (store) DO UPDATE SET head = excluded.head, position = excluded.position, digest = excluded.digest`,
    key,
    before.backendId,
    before.seqNum,
    before.position,
    before.digest,
    after.seqNum,
    after.position,
    after.digest,
  )

/** The columns of an event that are bound for each; its life is bound once. */
const columns = 7

/** Rows that one statement has room for. */
const rowsOfStatement = Math.floor((d1Limits.boundParameters - 1) / columns)

/** Writes events behind the one at `position`. */
export const insertEvents = (
  { backendId, position }: LogHead,
  events: ReadonlyArray<LoggedEvent>,
): ReadonlyArray<D1Statement> => {
  const statements: Array<D1Statement> = []
  for (let from = 0; from < events.length; from += rowsOfStatement) {
    const rows = events.slice(from, from + rowsOfStatement)
    const places = rows.map((_, row) => {
      const numbers = Array.from({ length: columns }, (_, column) => `?${2 + row * columns + column}`)
      return `(?1, ${numbers.join(", ")})`
    })
    const values = rows.flatMap((event, row) => [
      event.seqNum,
      event.parentSeqNum,
      position + from + row + 1,
      event.sizeBytes,
      event.digest,
      textsOf(event),
      event.args ?? null,
    ])
    statements.push(writes(`INSERT INTO event VALUES ${places.join(", ")}`, backendId, ...values))
  }
  return statements
}

/** Puts a life back as it was, for those who look past the provider. */
export const insertLife = (key: string, { backendId, seqNum, position, digest }: LogHead): D1Statement =>
  writes("INSERT INTO life VALUES (?1, ?2, ?3, ?4, ?5)", key, backendId, seqNum, position, digest)

/** Deletes all that a store has, for those who look past the provider. */
export const deleteStore = (key: string): ReadonlyArray<D1Statement> => [
  writes(`DELETE FROM event WHERE ${ofStore}`, key),
  writes("DELETE FROM life WHERE store = ?1", key),
]
