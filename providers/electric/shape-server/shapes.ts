import type { Sql } from "../sql/open-sql.ts"
import { entriesOf, type Transaction } from "./changes.ts"
import type { Limits } from "./configuration.ts"
import { type Definition, definitionKey, makeHandle } from "./definition.ts"
import { publish } from "./publication.ts"
import { findRelation, type Relation, relationMark, unknownTable } from "./relation.ts"
import { rowJson } from "./row-json.ts"
import { Shape } from "./shape.ts"
import { takeSnapshot } from "./snapshot.ts"
import type { KeptShape, Storage } from "./storage.ts"
import { parseWhere } from "./where.ts"

/** A shape whose snapshot is being read: what is committed meanwhile is kept for it. */
interface Pending {
  readonly relationOid: number
  readonly transactions: Array<Transaction>
  /** The transactions after which it has to be read anew. */
  readonly endings: Array<number>
}

/** All shapes of this server. */
export interface Shapes {
  readonly byHandle: (handle: string) => Shape | undefined
  readonly find: (definition: Definition) => Shape | undefined
  /** The shape of a definition, made when there is none. Rejects with a refusal. */
  readonly ensure: (definition: Definition) => Promise<Shape>
  /** Rejects with a refusal when there is no such table. */
  readonly checkTable: (definition: Definition) => Promise<void>
  readonly apply: (transaction: Transaction) => void
  /** A transaction removed all rows of these tables at once. */
  readonly truncated: (relationOids: ReadonlyArray<number>, xid: number) => void
  /** A table's columns as the stream tells them. */
  readonly relationSeen: (relationOid: number, mark: string) => void
  readonly drop: (shape: Shape) => void
  readonly dropAll: () => void
  /** Looks for tables that were dropped, renamed or altered. */
  readonly checkRelations: () => Promise<void>
  readonly lastLsn: () => number
}

/** Shapes on top of storage; those that it kept are there again. */
export const makeShapes = (parts: {
  readonly sql: Sql
  readonly storage: Storage
  readonly publication: string
  readonly limits: Limits
}): Shapes => {
  const { sql, storage, publication, limits } = parts
  const byHandle = new Map<string, Shape>()
  const byKey = new Map<string, Shape>()
  const byRelation = new Map<number, Set<Shape>>()
  const creating = new Map<string, Promise<Shape>>()
  const pending = new Set<Pending>()
  /** Counts how often the log was lost as a whole. */
  let losses = 0

  const add = (shape: Shape): void => {
    byHandle.set(shape.handle, shape)
    byKey.set(shape.key, shape)
    const others = byRelation.get(shape.relation.oid) ?? new Set()
    byRelation.set(shape.relation.oid, others.add(shape))
  }
  const drop = (shape: Shape): void => {
    if (shape.isGone) return
    byHandle.delete(shape.handle)
    if (byKey.get(shape.key) === shape) byKey.delete(shape.key)
    const others = byRelation.get(shape.relation.oid)
    others?.delete(shape)
    if (others?.size === 0) byRelation.delete(shape.relation.oid)
    storage.forget(shape.handle)
    shape.drop()
  }
  const dropRelation = (oid: number, which: (shape: Shape) => boolean = () => true): void => {
    for (const shape of byRelation.get(oid) ?? []) if (which(shape)) drop(shape)
  }

  const restore = (kept: KeptShape): void => {
    const { handle, definition, relation, visibility, snapshot, log } = kept
    const shape = shapeOf(handle, definition, relation, { visibility, chunks: snapshot }, limits)
    shape.append(log)
    add(shape)
  }
  storage.shapes.forEach(restore)

  const create = async (definition: Definition): Promise<Shape> => {
    const relation = await findRelation(sql, definition.table)
    if (relation === undefined) throw unknownTable(definition.table)
    const rows = rowJson(definition, relation)
    if (definition.where !== undefined) parseWhere(definition.where, relation)
    await publish(sql, publication, relation, limits.lockMs)
    const lossesBefore = losses
    const waiting: Pending = { relationOid: relation.oid, transactions: [], endings: [] }
    pending.add(waiting)
    try {
      const snapshot = await takeSnapshot(sql, definition, relation, rows, limits.chunkBytes)
      const shape = shapeOf(makeHandle(definitionKey(definition)), definition, relation, snapshot, limits)
      const isSpoiled = losses !== lossesBefore || waiting.endings.some((xid) => shape.isNews(xid))
      if (isSpoiled) return await create(definition)
      storage.keep(shape)
      add(shape)
      for (const transaction of waiting.transactions) applyTo([shape], transaction)
      return shape
    } finally {
      pending.delete(waiting)
    }
  }

  const applyTo = (shapes: Iterable<Shape>, transaction: Transaction): void => {
    const news = [...shapes].flatMap((shape) => {
      // After a reconnection transactions come again.
      if (transaction.commitLsn <= shape.lastLsn || !shape.isNews(transaction.xid)) return []
      const entries = entriesOf(shape, transaction)
      return entries.length === 0 ? [] : [{ shape, entries }]
    })
    if (news.length === 0) return
    storage.append(news)
    for (const { shape, entries } of news) shape.append(entries)
    for (const { shape } of news) shape.announce()
  }

  return {
    byHandle: (handle) => byHandle.get(handle),
    find: (definition) => byKey.get(definitionKey(definition)),
    ensure: (definition) => {
      const key = definitionKey(definition)
      const there = byKey.get(key)
      if (there !== undefined) return Promise.resolve(there)
      const begun = creating.get(key) ?? create(definition).finally(() => creating.delete(key))
      creating.set(key, begun)
      return begun
    },
    checkTable: async ({ table }) => {
      if ((await findRelation(sql, table)) === undefined) throw unknownTable(table)
    },
    apply: (transaction) => {
      const oids = new Set(transaction.changes.map(({ relationOid }) => relationOid))
      for (const waiting of pending) if (oids.has(waiting.relationOid)) waiting.transactions.push(transaction)
      applyTo(
        [...oids].flatMap((oid) => [...(byRelation.get(oid) ?? [])]),
        transaction,
      )
    },
    truncated: (oids, xid) => {
      for (const waiting of pending) if (oids.includes(waiting.relationOid)) waiting.endings.push(xid)
      for (const oid of oids) dropRelation(oid, (shape) => shape.isNews(xid))
    },
    relationSeen: (oid, mark) => dropRelation(oid, (shape) => relationMark(shape.relation.columns) !== mark),
    drop,
    dropAll: () => {
      losses += 1
      for (const shape of byHandle.values()) drop(shape)
    },
    checkRelations: async () => {
      const seen = [...byRelation.values()].flatMap((shapes) => [...shapes].slice(0, 1))
      for (const { relation } of seen) {
        const now = await findRelation(sql, relation.table)
        const isSame = now?.oid === relation.oid && relationMark(now.columns) === relationMark(relation.columns)
        if (!isSame) dropRelation(relation.oid)
      }
    },
    lastLsn: () => Math.max(0, ...[...byHandle.values()].map(({ lastLsn }) => lastLsn)),
  }
}

const shapeOf = (
  handle: string,
  definition: Definition,
  relation: Relation,
  snapshot: { readonly visibility: Shape["visibility"]; readonly chunks: ReadonlyArray<Buffer> },
  { chunkBytes }: Limits,
): Shape =>
  new Shape({
    handle,
    definition,
    key: definitionKey(definition),
    relation,
    rows: rowJson(definition, relation),
    filter: definition.where === undefined ? () => true : parseWhere(definition.where, relation),
    visibility: snapshot.visibility,
    snapshot: snapshot.chunks,
    chunkBytes,
  })
