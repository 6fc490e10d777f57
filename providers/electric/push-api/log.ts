import type { HeadAnswer, PullBody, PushBody } from "../wire.ts"
import { rowsBehind, type PushedEvent } from "./batch.ts"
import { identifiers } from "../sql/statement.ts"
import type { Sql, Statements } from "../sql/open-sql.ts"
import { insertRows, onTables, storeOf, type Store } from "./database.ts"
import { Refused } from "./refused.ts"
import type { PushSeams } from "./seams.ts"
import type { StorageFaults } from "./storage-faults.ts"

/** The logs in Postgres. Every head is read there, at some instant of the call. */
export interface Log {
  readonly head: (key: string) => Promise<HeadAnswer & { readonly log: string }>
  /** Judges a cursor, and says what stands behind it. */
  readonly begin: (key: string, body: PullBody) => Promise<HeadAnswer>
  /** Appends a batch as one transaction, or throws and appends nothing. */
  readonly push: (key: string, body: PushBody, batch: ReadonlyArray<PushedEvent>) => Promise<HeadAnswer>
}

const headOf = ({ backendId, head, digest }: Store): HeadAnswer => ({ backendId, head, digest })

const otherLife = (expected: string, received: string): Refused =>
  new Refused({ _tag: "BackendIdMismatch", expected, received })

/** Another log under the same identity: the database was restored to an older state and went on from there. */
const forked = (backendId: string): Refused => otherLife(backendId, `${backendId} restored to an older state`)

export const logIn = (sql: Sql, faults: StorageFaults, seams: PushSeams): Log => {
  /** The event with this number; undefined where the log has none. */
  const eventAt = async (transaction: Statements, { log }: Store, seqNum: number) => {
    const [event] = await transaction<Array<{ readonly digest: string; readonly position: number }>>`
      select digest, position from ${identifiers(log)} where "seqNum" = ${seqNum}`
    return event
  }

  const store = async (key: string): Promise<Store> => {
    await faults.before(key, "read", sql)
    return storeOf(sql, key)
  }

  const append = async (transaction: Statements, at: Store, batch: ReadonlyArray<PushedEvent>): Promise<HeadAnswer> => {
    const rows = rowsBehind(at, batch)
    const last = rows.at(-1)
    if (last === undefined) return headOf(at)
    await faults.before(at.key, "write", transaction)
    await insertRows(transaction, at.log, rows)
    await faults.before(at.key, "write", transaction)
    await transaction`
      update sync_stores set head = ${last.seqNum}, digest = ${last.digest}, size = ${last.position}
      where key = ${at.key}`
    await faults.before(at.key, "commit", transaction)
    return { backendId: at.backendId, head: last.seqNum, digest: last.digest }
  }

  const admit = async (transaction: Statements, at: Store, body: PushBody, first: PushedEvent | undefined) => {
    const { known, seen } = body
    if (known !== undefined && known !== at.backendId) throw otherLife(known, at.backendId)
    if (seen?.digest !== undefined && seen.seqNum > 0) {
      const { digest } =
        seen.seqNum === at.head ? at : ((await eventAt(transaction, at, seen.seqNum)) ?? { digest: "" })
      if (digest !== seen.digest) throw forked(at.backendId)
    }
    if (first !== undefined && !seams.standsOn(first.parentSeqNum, at.head)) {
      throw new Refused({ _tag: "ServerAhead", head: seams.refusedHead(at.head), providedParent: first.parentSeqNum })
    }
  }

  return {
    head: (key) =>
      onTables(sql, async () => {
        const at = await store(key)
        return { ...headOf(at), log: at.log }
      }),
    begin: (key, { known, after }) =>
      onTables(sql, async () => {
        const at = await store(key)
        for (const life of [known, after.backendId]) {
          if (life !== undefined && life !== at.backendId && seams.tellsLives) throw otherLife(life, at.backendId)
        }
        if (after.seqNum > at.head) {
          throw new Refused({ _tag: "CursorAhead", cursor: after.seqNum, head: at.head })
        }
        if (after.seqNum === 0) return { ...headOf(at), remaining: at.size }
        await faults.before(key, "read", sql)
        const event = await eventAt(sql, at, after.seqNum)
        if (event === undefined) {
          throw new Refused({ _tag: "UnknownError", message: `no event of this log has number ${after.seqNum}` })
        }
        if (after.digest !== undefined && after.digest !== event.digest) throw forked(at.backendId)
        return { ...headOf(at), remaining: at.size - event.position }
      }),
    push: (key, body, batch) =>
      onTables(sql, async () => {
        await storeOf(sql, key)
        return sql.begin(async (transaction) => {
          await faults.before(key, "read", transaction)
          const [at] = await (seams.locksHead
            ? transaction<Array<Store>>`select * from sync_stores where key = ${key} for update`
            : transaction<Array<Store>>`select * from sync_stores where key = ${key}`)
          if (at === undefined) throw new Refused({ _tag: "Unavailable", message: "the store ended meanwhile" })
          await admit(transaction, at, body, batch[0])
          return append(transaction, at, batch)
        })
      }),
  }
}
