import { Effect, Exit } from "effect"
import { beforeEach, describe, expect, it } from "vitest"
import { event } from "./log-event.fixture.ts"
import type { LogStore } from "./log-store.ts"
import { nodeSql } from "./node-sql.fixture.ts"
import { referenceSeams } from "./reference-seams.ts"
import { readWholeLog, sqlLog } from "./sql-log.ts"

const bounds = { pageEvents: 10, pageBytes: 350 }
const never = () => undefined

describe("a log in SQLite", () => {
  let sql: ReturnType<typeof nodeSql>
  let log: LogStore
  let lives = 0
  const open = (): LogStore => sqlLog({ sql, seams: referenceSeams, newBackendId: () => `life-${++lives}` })
  beforeEach(() => {
    lives = 0
    sql = nodeSql()
    log = open()
  })
  const run = <A>(effect: Effect.Effect<A, unknown>): A => Effect.runSync(effect)

  it("begins one life and keeps it over the next opening", () => {
    expect(run(log.head)).toEqual({ backendId: "life-1", seqNum: 0, position: 0, digest: "" })
    expect(run(open().head).backendId).toBe("life-1")
  })

  it("keeps a batch, its head and its digest in order", () => {
    run(log.append([event(3, 0), event(9, 3)], undefined, never))
    const head = run(open().head)
    expect(head).toMatchObject({ seqNum: 9, position: 2 })
    expect(readWholeLog(sql).map(({ seqNum }) => seqNum)).toEqual([3, 9])
    expect(readWholeLog(sql).at(-1)?.digest).toBe(head.digest)
  })

  it("appends nothing that is refused, and asks with the head of that moment", () => {
    run(log.append([event(1, 0)], undefined, never))
    const refused = Effect.runSyncExit(log.append([event(2)], undefined, (head) => `head is ${head.seqNum}`))
    expect(refused).toEqual(Exit.fail("head is 1"))
    expect(readWholeLog(sql)).toHaveLength(1)
  })

  it.each([1, 2, 3])("leaves nothing of a batch behind when statement %i fails, and takes the next", (nth) => {
    run(log.head)
    sql.failWrite(nth)
    const failed = Effect.runSyncExit(log.append([event(1), event(2)], undefined, never))
    expect(Exit.isFailure(failed)).toBe(true)
    expect(readWholeLog(sql)).toHaveLength(0)
    run(log.append([event(1), event(2)], undefined, never))
    expect(readWholeLog(sql)).toHaveLength(2)
  })

  it("bounds pages by events and by bytes, gives at least one event, and knows the rest exactly", () => {
    run(
      log.append(
        [event(1), event(2), event(3), event(4), event(5, 4, { sizeBytes: 9_000 }), event(6)],
        undefined,
        never,
      ),
    )
    const page = (after: number) => {
      const { events, remaining } = run(log.page({ after }, bounds, never))
      return [events.map(({ seqNum }) => seqNum), remaining]
    }
    expect(page(0)).toEqual([[1, 2, 3], 3])
    expect(page(3)).toEqual([[4], 2])
    expect(page(4)).toEqual([[5], 1])
    expect(page(5)).toEqual([[6], 0])
    expect(page(6)).toEqual([[], 0])
    expect(run(log.page({ after: 0 }, { pageEvents: 2, pageBytes: 10_000 }, never)).events).toHaveLength(2)
  })

  it("ends a page, and counts what remains, at the event that it is told", () => {
    run(log.append([event(1), event(2), event(3), event(4), event(5)], undefined, never))
    const page = (after: number, until: number) => {
      const { events, remaining } = run(log.page({ after, until }, bounds, never))
      return [events.map(({ seqNum }) => seqNum), remaining]
    }
    expect(page(0, 4)).toEqual([[1, 2, 3], 1])
    expect(page(3, 4)).toEqual([[4], 0])
    expect(page(4, 4)).toEqual([[], 0])
  })

  it("tells the digest at a cursor, and nothing where no event stands", () => {
    run(log.append([event(1), event(5, 1)], undefined, never))
    const digestAt = (after: number) => {
      let seen: string | undefined
      run(log.page({ after }, bounds, (_head, digest) => void (seen = digest)))
      return seen
    }
    expect(digestAt(5)).toBe(run(log.head).digest)
    expect(digestAt(3)).toBeUndefined()
  })

  it("gives another log with the same numbers another digest", () => {
    run(log.append([event(1), event(2)], undefined, never))
    const other = sqlLog({ sql: nodeSql(), seams: referenceSeams, newBackendId: () => "other" })
    run(other.append([event(1, 0, { args: `{"n":7}` }), event(2)], undefined, never))
    expect(run(other.head).digest).not.toBe(run(log.head).digest)
  })

  it.each([
    "DELETE FROM life",
    "DELETE FROM event",
    "DELETE FROM event WHERE seq = 2",
    "DROP TABLE life",
    "DROP TABLE event",
  ])("begins a new and empty life after %s beneath it", (statement) => {
    run(log.append([event(1), event(2)], undefined, never))
    sql.write(statement)
    expect(run(log.head)).toEqual({ backendId: "life-2", seqNum: 0, position: 0, digest: "" })
    run(log.append([event(1)], undefined, never))
    expect(run(open().page({ after: 0 }, bounds, never)).events).toHaveLength(1)
    expect(run(open().head).backendId).toBe("life-2")
  })

  it("keeps texts that SQLite alone would alter", () => {
    const odd = { name: "lone \ud800", clientId: "nul \u0000 end", sessionId: "line\u2028", args: undefined }
    run(log.append([event(1, 0, odd), event(2, 1, { args: `{"__proto__":{"a":"\\ud800"}}` })], undefined, never))
    const [first, second] = readWholeLog(sql)
    expect(first).toMatchObject(odd)
    expect(second?.args).toBe(`{"__proto__":{"a":"\\ud800"}}`)
  })

  it("keeps the largest safe number exactly", () => {
    run(log.append([event(Number.MAX_SAFE_INTEGER, 0)], undefined, never))
    expect(run(open().head).seqNum).toBe(Number.MAX_SAFE_INTEGER)
    expect(run(log.page({ after: Number.MAX_SAFE_INTEGER }, bounds, never)).remaining).toBe(0)
  })
})
