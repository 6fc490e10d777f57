import { Effect } from "effect"
import { referenceD1Seams } from "./core/d1-log.ts"
import type { D1Statement } from "./core/d1.ts"
import { insertEvents, moveHead } from "./core/d1-tables.ts"
import type { LogHead } from "./core/log-store.ts"
import type { SqlValue } from "./core/sql.ts"
import type { CloudflareForm } from "./form.ts"
import type { CloudflareMutant } from "./mutants.ts"

const form: CloudflareForm = { transport: "ws", storage: "d1" }

const writes = (query: string, ...bindings: ReadonlyArray<SqlValue>): D1Statement => ({ query, bindings, writes: true })

/** Sets the head, wherever it stands. */
const setHead = (key: string, { seqNum, position, digest }: LogHead): D1Statement =>
  writes("UPDATE life SET head = ?2, position = ?3, digest = ?4 WHERE store = ?1", key, seqNum, position, digest)

const headApart: CloudflareMutant = {
  id: "push/atomic#head-apart",
  clause: "push/atomic",
  // A head without its events looks like storage that was wiped beneath: all that the log had is given up.
  anomaly: "lost-ack",
  form,
  title: "the head is written in one transaction and the events in the next",
  source: "L05",
  make: (fire) => ({
    d1Commit: (d1, key, _before, after, events) =>
      Effect.gen(function* () {
        yield* d1.batch([setHead(key, after)])
        yield* Effect.tapError(
          d1.batch(insertEvents({ ...after, position: after.position - events.length }, events)),
          () => Effect.sync(fire),
        )
      }),
  }),
}

const twoTransactions: CloudflareMutant = {
  id: "push/atomic#two-transactions",
  clause: "push/atomic",
  anomaly: "torn-batch",
  form,
  title: "a batch with more parameters than a statement takes is written in several transactions",
  source: "X02",
  make: (fire) => {
    const rowsAtOnce = 14
    return {
      d1Commit: (d1, key, before, after, events) =>
        Effect.gen(function* () {
          let now = before
          for (let from = 0; from < events.length; from += rowsAtOnce) {
            const rows = events.slice(from, from + rowsAtOnce)
            const last = rows.at(-1)
            if (last === undefined) return
            const next: LogHead =
              last.seqNum === after.seqNum
                ? after
                : { ...now, seqNum: last.seqNum, position: now.position + rows.length, digest: last.digest }
            yield* Effect.tapError(d1.batch([moveHead(key, now, next), ...insertEvents(now, rows)]), () =>
              Effect.sync(() => (from > 0 ? fire() : undefined)),
            )
            now = next
          }
        }),
    }
  },
}

const trustedRead: CloudflareMutant = {
  id: "race/same-parent#trusted-read",
  clause: "race/same-parent",
  anomaly: "double-winner",
  form,
  title: "a push is judged by the head that was read before, and what others wrote since is written over",
  source: "F02",
  make: (fire) => {
    let committed = 0
    return {
      d1Turn: (_turns, append) => append,
      d1Commit: (d1, key, before, after, events) =>
        Effect.suspend(() => {
          if (before.position < committed) fire()
          committed = Math.max(committed, after.position)
          const overwrite = insertEvents(before, events).map((statement) => ({
            ...statement,
            query: statement.query.replace("INSERT INTO", "INSERT OR REPLACE INTO"),
          }))
          return Effect.asVoid(d1.batch([setHead(key, after), ...overwrite]))
        }),
    }
  },
}

const oneKey: CloudflareMutant = {
  id: "store/isolated#one-key",
  clause: "store/isolated",
  anomaly: "store-bleed",
  form,
  title: "the rows of all stores of the database lie under one key",
  source: "I05",
  make: (fire) => ({
    d1Key: () => {
      fire()
      return "log"
    },
  }),
}

const livesUntilTheFirstEvent: CloudflareMutant = {
  id: "reset/never-false#lives-until-the-first-event",
  clause: "reset/never-false",
  anomaly: "identity-false",
  form,
  title: "each request that finds the log empty makes an identity, and that of the first push stays",
  source: "contract",
  make: (fire) => {
    let lives = 0
    return {
      d1State: (d1, key, asked) =>
        Effect.flatMap(referenceD1Seams.d1State(d1, key, asked), (found) => {
          if (found !== undefined && found.head.position > 0) return Effect.succeed(found)
          const backendId = crypto.randomUUID()
          if (++lives > 1) fire()
          return Effect.as(
            d1.batch([writes("INSERT OR REPLACE INTO life VALUES (?1, ?2, 0, 0, '')", key, backendId)]),
            { head: { backendId, seqNum: 0, position: 0, digest: "" }, cursor: undefined, untilPosition: undefined },
          )
        }),
    }
  },
}

/** Planted bugs of logs in D1. */
export const d1Mutants: ReadonlyArray<CloudflareMutant> = [
  headApart,
  twoTransactions,
  trustedRead,
  oneKey,
  livesUntilTheFirstEvent,
]
