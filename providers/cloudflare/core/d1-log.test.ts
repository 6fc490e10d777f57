import { Effect, Exit } from "effect"
import { beforeEach, describe, expect, it } from "vitest"
import { d1Log, referenceD1Seams, type D1Seams } from "./d1-log.ts"
import { d1Limits, type D1, type D1Statement } from "./d1.ts"
import { limits } from "./limits.ts"
import { event } from "./log-event.fixture.ts"
import type { LogEvent, LogHead, LogStore } from "./log-store.ts"
import { nodeD1, type NodeD1 } from "./node-d1.fixture.ts"

const chain = (count: number, after = 0, over: Partial<LogEvent> = {}) =>
  Array.from({ length: count }, (_, index) => event(after + index + 1, after + index, over))
const bounds = { pageEvents: 10, pageBytes: 350 }
const never = () => undefined
/** Refuses what does not stand on the head, with the head. */
const onHead = (parent: number) => (head: LogHead) => (head.seqNum === parent ? undefined : `head is ${head.seqNum}`)

describe("a log in D1", () => {
  let d1: NodeD1
  let log: LogStore
  let lives = 0
  const open = (store = "store", seams: D1Seams = referenceD1Seams): LogStore =>
    d1Log({ d1, store, seams, newBackendId: () => `life-${++lives}` })
  beforeEach(() => {
    lives = 0
    d1 = nodeD1()
    log = open()
  })
  const run = <A>(effect: Effect.Effect<A, unknown>): Promise<A> => Effect.runPromise(effect)
  const seqs = async (of: LogStore = open()) =>
    (await run(of.page({ after: 0 }, limits, never))).events.map(({ seqNum }) => seqNum)

  it("makes its tables where there are none, begins one life and keeps it over the next opening", async () => {
    expect(await run(log.head)).toEqual({ backendId: "life-1", seqNum: 0, position: 0, digest: "" })
    expect((await run(open().head)).backendId).toBe("life-1")
  })

  it("keeps a batch, its head and its digest in order", async () => {
    const after = await run(log.append([event(3, 0), event(9, 3)], undefined, never))
    expect(await run(open().head)).toEqual(after)
    const { events } = await run(log.page({ after: 0 }, bounds, never))
    expect(events.map(({ seqNum, parentSeqNum }) => [seqNum, parentSeqNum])).toEqual([
      [3, 0],
      [9, 3],
    ])
    expect(events.at(-1)?.digest).toBe(after.digest)
  })

  it("has the digests of a log in a Durable Object's SQLite", async () => {
    const { nodeSql } = await import("./node-sql.fixture.ts")
    const { referenceSeams } = await import("./reference-seams.ts")
    const { sqlLog } = await import("./sql-log.ts")
    const other = sqlLog({ sql: nodeSql(), seams: referenceSeams, newBackendId: () => "life-1" })
    const batch = [event(1), event(5, 1, { args: undefined })]
    expect(await run(log.append(batch, undefined, never))).toEqual(
      Effect.runSync(other.append(batch, undefined, never)),
    )
  })

  it("appends nothing that is refused, and asks with the head and the digest of that moment", async () => {
    const { digest } = await run(log.append([event(1)], undefined, never))
    const refused = await Effect.runPromiseExit(log.append([event(2)], 1, (head, at) => `${head.seqNum} ${at}`))
    expect(refused).toEqual(Exit.fail(`1 ${digest}`))
    expect(await seqs()).toEqual([1])
  })

  it.each([
    [2, 1],
    [2, 2],
    [100, 1],
    [100, 2],
    [100, 9],
  ])("leaves nothing of a batch of %i behind when statement %i fails, and takes it again", async (count, nth) => {
    const before = await run(log.append([event(1)], undefined, never))
    d1.failWrite(nth)
    expect(Exit.isFailure(await Effect.runPromiseExit(log.append(chain(count, 1), undefined, never)))).toBe(true)
    expect(await run(open().head)).toEqual(before)
    expect(await seqs()).toEqual([1])
    await run(log.append(chain(count, 1), undefined, never))
    expect(await seqs()).toHaveLength(count + 1)
  })

  it("writes head and events of any batch in one call", async () => {
    await run(log.head)
    d1.calls.length = 0
    await run(log.append(chain(limits.batchEvents), undefined, never))
    expect(d1.calls.filter((call) => call.some((query) => query.includes("INSERT")))).toHaveLength(1)
  })

  it("stays within D1's limits with the largest batch of the largest events", async () => {
    const args = JSON.stringify("\\".repeat((limits.eventBytes - 200) / 2))
    const batch = chain(limits.batchEvents, 0, { args, sizeBytes: limits.eventBytes })
    await run(log.append(batch, undefined, never))
    const page = await run(log.page({ after: 0 }, limits, never))
    expect(page.events).toHaveLength(Math.floor(limits.pageBytes / limits.eventBytes))
    expect(page.events[0]?.args).toBe(args)
    expect(Math.max(...d1.calls.map((call) => call.length))).toBeLessThanOrEqual(d1Limits.statements)
  })

  describe("sends nothing past D1's limits", () => {
    const digest = "d".repeat(64)
    const before: LogHead = { backendId: "b".repeat(36), seqNum: 0, position: 0, digest: "" }
    const largest = { args: JSON.stringify("\\".repeat((limits.eventBytes - 200) / 2)) }
    /** What is sent to commit a batch of so many events. It is only looked at: to store it all would take minutes. */
    const sentFor = async (count: number, over: Partial<LogEvent>) => {
      const sent: Array<D1Statement> = []
      const sends: D1 = { batch: (statements) => Effect.sync(() => (sent.push(...statements), [])) }
      const events = chain(count, 0, over).map((each) => ({ ...each, digest }))
      const after: LogHead = { ...before, seqNum: count, position: count, digest }
      await run(referenceD1Seams.d1Commit(sends, "s".repeat(64), before, after, events))
      return sent
    }

    it.each([
      ["small events", {}],
      ["events without arguments", { args: undefined }],
      ["the largest events", largest],
    ])("in a statement, for batches of every size of %s", async (_what, over) => {
      for (let count = 1; count <= limits.batchEvents; count++) {
        const sent = await sentFor(count, over)
        const most = (of: (statement: D1Statement) => number) => Math.max(...sent.map(of))
        expect(sent.length, `${count} events`).toBeLessThanOrEqual(d1Limits.statements)
        expect(most(({ bindings }) => bindings.length)).toBeLessThanOrEqual(d1Limits.boundParameters)
        expect(most(({ query }) => Buffer.byteLength(query))).toBeLessThanOrEqual(d1Limits.statementBytes)
      }
    })

    it.each([
      ["arguments", largest],
      ["names", { name: "\u0000".repeat((limits.eventBytes - 200) / 6) }],
    ])("in a row, for the event with the longest %s", async (_what, over) => {
      // A statement for one event binds its row and nothing else.
      const [, row] = await sentFor(1, over)
      const bytes = (row?.bindings ?? []).map((value) => (typeof value === "string" ? Buffer.byteLength(value) : 8))
      const sum = bytes.reduce((total, each) => total + each, 0)
      expect(sum).toBeGreaterThan(limits.eventBytes - 1_000)
      expect(sum).toBeLessThanOrEqual(d1Limits.valueBytes)
    })
  })

  it("reads a page's state and events in one call", async () => {
    await run(log.append(chain(3), undefined, never))
    d1.calls.length = 0
    await run(log.page({ after: 0 }, bounds, never))
    expect(d1.calls).toHaveLength(1)
  })

  it("reads one page for all who ask for it at once, and none that is older than the question", async () => {
    await run(log.append(chain(3), undefined, never))
    d1.calls.length = 0
    const pages = await run(
      Effect.all(
        Array.from({ length: 50 }, () => log.page({ after: 2 }, bounds, never)),
        { concurrency: "unbounded" },
      ),
    )
    expect(pages.every(({ events }) => events.length === 1)).toBe(true)
    expect(d1.calls).toHaveLength(2)
  })

  it("bounds pages by events and by bytes, gives at least one event, and knows the rest exactly", async () => {
    const batch = [...chain(4), event(5, 4, { sizeBytes: 9_000 }), event(6)]
    await run(log.append(batch, undefined, never))
    const page = async (after: number, until?: number) => {
      const range = until === undefined ? { after } : { after, until }
      const { events, remaining } = await run(log.page(range, bounds, never))
      return [events.map(({ seqNum }) => seqNum), remaining]
    }
    expect(await page(0)).toEqual([[1, 2, 3], 3])
    expect(await page(3)).toEqual([[4], 2])
    expect(await page(4)).toEqual([[5], 1])
    expect(await page(5)).toEqual([[6], 0])
    expect(await page(6)).toEqual([[], 0])
    expect(await page(0, 4)).toEqual([[1, 2, 3], 1])
    expect(await page(3, 4)).toEqual([[4], 0])
    expect(await page(4, 4)).toEqual([[], 0])
    const few = await run(log.page({ after: 0 }, { pageEvents: 2, pageBytes: 10_000 }, never))
    expect([few.events.length, few.remaining]).toEqual([2, 4])
  })

  it("tells the digest at a cursor, and nothing where no event stands", async () => {
    await run(log.append([event(1), event(5, 1)], undefined, never))
    const digestAt = async (after: number) => {
      let seen: string | undefined
      await run(log.page({ after }, bounds, (_head, digest) => void (seen = digest)))
      return seen
    }
    expect(await digestAt(5)).toBe((await run(log.head)).digest)
    expect(await digestAt(3)).toBeUndefined()
  })

  it("keeps texts that SQLite alone would alter, and the largest safe number", async () => {
    const odd = { name: "lone \ud800", clientId: "nul \u0000 end", sessionId: "line\u2028", args: undefined }
    const args = `{"__proto__":{"a":"\\ud800"}}`
    await run(log.append([event(1, 0, odd), event(Number.MAX_SAFE_INTEGER, 1, { args })], undefined, never))
    const { events } = await run(open().page({ after: 0 }, bounds, never))
    expect(events).toMatchObject([odd, { seqNum: Number.MAX_SAFE_INTEGER, args }])
  })

  describe("of two writers", () => {
    const both = (...appends: ReadonlyArray<Effect.Effect<LogHead, unknown>>) =>
      run(Effect.all(appends.map(Effect.exit), { concurrency: "unbounded" }))

    it.each([
      ["one object", () => log],
      ["two instances", () => open()],
    ])("in %s one wins a race, and the other is refused with the head that won", async (_where, second) => {
      await run(log.append([event(1)], undefined, never))
      const ends = await both(
        log.append([event(2), event(3)], undefined, onHead(1)),
        second().append([event(2, 1, { clientId: "b" })], undefined, onHead(1)),
      )
      expect(ends.filter(Exit.isSuccess)).toHaveLength(1)
      expect(ends).toContainEqual(Exit.fail(`head is ${(await run(open().head)).seqNum}`))
      expect(await seqs()).toEqual([1, 2, ...(Exit.isSuccess(ends[0]!) ? [3] : [])])
    })

    it("in one object the first to come wins", async () => {
      await run(log.head)
      const ends = await both(
        log.append([event(1)], undefined, onHead(0)),
        log.append([event(2)], undefined, onHead(1)),
      )
      expect(ends.map(Exit.isSuccess)).toEqual([true, true])
    })

    it("two begin one life", async () => {
      const [first, second] = await run(Effect.all([log.head, open().head], { concurrency: "unbounded" }))
      expect(first).toEqual(second)
    })

    it("the one who is late to begin a life takes the one that is there", async () => {
      const first: Array<LogHead> = []
      const late = open("store", {
        ...referenceD1Seams,
        d1Begin: (...args) =>
          Effect.flatMap(log.head, (head) => {
            first.push(head)
            return referenceD1Seams.d1Begin(...args)
          }),
      })
      expect(await run(late.head)).toEqual(first[0])
    })

    it("none gets a fork when each round has several instances", async () => {
      for (let parent = 0; parent < 12; parent++) {
        d1.takeTurns(parent % 4)
        const writers = [log, open(), open()]
        const ends = await both(
          ...writers.map((writer, index) =>
            writer.append([event(parent + 1, parent, { clientId: `c${index}` })], undefined, onHead(parent)),
          ),
        )
        expect(ends.filter(Exit.isSuccess)).toHaveLength(1)
      }
      expect(await seqs()).toEqual(chain(12).map(({ seqNum }) => seqNum))
    })
  })

  it("knows that it was done when the answer was lost, and that it was not when the statement failed", async () => {
    await run(log.head)
    d1.loseAnswer()
    expect(await run(log.append([event(1)], undefined, onHead(0)))).toMatchObject({ seqNum: 1 })
    expect(await seqs()).toEqual([1])
  })

  it("keeps the stores of one database apart", async () => {
    const other = open("store2")
    await run(log.append(chain(3), undefined, never))
    await run(other.append(chain(1), undefined, never))
    expect((await run(other.head)).backendId).not.toBe((await run(log.head)).backendId)
    expect([await seqs(log), await seqs(other)]).toEqual([[1, 2, 3], [1]])
  })

  it.each([
    "DELETE FROM life",
    "DELETE FROM event",
    "DELETE FROM event WHERE seq = 2",
    "DROP TABLE life",
    "DROP TABLE event",
    "DROP TABLE life; DROP TABLE event",
  ])("begins a new and empty life after %s beneath it", async (statement) => {
    await run(log.append(chain(2), undefined, never))
    d1.exec(statement)
    expect(await run(log.head)).toEqual({ backendId: "life-2", seqNum: 0, position: 0, digest: "" })
    await run(log.append([event(1)], undefined, never))
    expect(await seqs()).toEqual([1])
    expect((await run(open().head)).backendId).toBe("life-2")
  })

  it.each(["DELETE FROM life", "DELETE FROM event", "UPDATE life SET backend_id = 'other'"])(
    "commits nothing on a life that ended between read and commit: %s",
    async (statement) => {
      await run(log.append(chain(2), undefined, never))
      let asked = 0
      const backendIds: Array<string> = []
      await Effect.runPromiseExit(
        log.append([event(3)], undefined, ({ backendId }) => {
          backendIds.push(backendId)
          if (++asked === 1) d1.exec(statement)
          return asked === 1 ? undefined : "another life"
        }),
      )
      expect(backendIds).toEqual(["life-1", expect.not.stringMatching(/^life-1$/)])
      expect(await seqs()).toEqual([])
    },
  )

  it("commits nothing on another log with the same numbers", async () => {
    await run(log.append(chain(2), undefined, never))
    const digests: Array<string> = []
    await Effect.runPromiseExit(
      log.append([event(3)], undefined, ({ digest }) => {
        if (digests.push(digest) > 1) return "another log"
        d1.exec("UPDATE event SET digest = 'other' WHERE seq = 2; UPDATE life SET digest = 'other'")
        return undefined
      }),
    )
    expect(digests[1]).toBe("other")
    expect(await seqs()).toEqual([1, 2])
  })

  it("gives up when storage is wiped again and again", async () => {
    const wiped = open("store", { ...referenceD1Seams, d1Begin: () => Effect.void })
    expect(await Effect.runPromiseExit(wiped.head)).toMatchObject({ _tag: "Failure" })
  })
})
