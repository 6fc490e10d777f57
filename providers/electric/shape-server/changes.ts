import type { Row } from "./row-json.ts"
import type { LogEntry, Shape } from "./shape.ts"

/** One change of one row, as the replication stream tells it. */
export interface Change {
  readonly relationOid: number
  /** Counts changes of all tables within the transaction, from 0. */
  readonly index: number
  readonly old?: Row
  readonly new?: Row
}

/** A committed transaction. */
export interface Transaction {
  readonly xid: number
  readonly commitLsn: number
  readonly changes: ReadonlyArray<Change>
}

/** One row of the log before it is known whether it is the transaction's last. */
interface Draft {
  readonly op: number
  readonly operation: "insert" | "update" | "delete"
  readonly key: string
  readonly value: string
  readonly more?: string
}

/** The rows that a transaction adds to a shape's log. Each change has two positions: a changed key takes both. */
export const entriesOf = (shape: Shape, { xid, commitLsn, changes }: Transaction): ReadonlyArray<LogEntry> => {
  const drafts: Array<Draft> = []
  for (const change of changes) {
    if (change.relationOid === shape.relation.oid) drafts.push(...draftsOf(shape, change))
  }
  const { relation } = shape.rows
  return drafts.map(({ op, operation, key, value, more = "" }, index) => ({
    lsn: commitLsn,
    op,
    json: `{"value":${value},"key":${JSON.stringify(key)},"headers":{${index === drafts.length - 1 ? '"last":true,' : ""}"relation":${relation},"operation":"${operation}","lsn":"${commitLsn}","op_position":${op},"txids":[${xid >>> 0}]${more}}}`,
  }))
}

const draftsOf = (shape: Shape, change: Change): ReadonlyArray<Draft> => {
  const { rows, filter, definition } = shape
  const op = change.index * 2
  const before = change.old !== undefined && filter(change.old) ? change.old : undefined
  const after = change.new !== undefined && filter(change.new) ? change.new : undefined
  const isKey = (name: string): boolean => rows.keyNames.includes(name)
  const removed = (row: Row): string => rows.value(row, definition.replica === "full" ? undefined : isKey)
  if (after === undefined) {
    return before === undefined ? [] : [{ op, operation: "delete", key: rows.key(before), value: removed(before) }]
  }
  const key = rows.key(after)
  if (before === undefined) return [{ op, operation: "insert", key, value: rows.value(after) }]
  const oldKey = rows.key(before)
  if (oldKey !== key) {
    return [
      {
        op,
        operation: "delete",
        key: oldKey,
        value: removed(before),
        more: `,"key_change_to":${JSON.stringify(key)}`,
      },
      {
        op: op + 1,
        operation: "insert",
        key,
        value: rows.value(after),
        more: `,"key_change_from":${JSON.stringify(oldKey)}`,
      },
    ]
  }
  const changed = (name: string): boolean => isKey(name) || before[name] !== after[name]
  if (definition.replica === "full") return [{ op, operation: "update", key, value: rows.value(after) }]
  // An update that changes none of the shape's columns is no news.
  if (rows.names.every((name) => before[name] === after[name])) return []
  return [{ op, operation: "update", key, value: rows.value(after, changed) }]
}
