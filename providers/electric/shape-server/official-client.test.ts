import { type Message, ShapeStream } from "@electric-sql/client"
import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Postgres, startPostgres } from "../postgres/start-postgres.ts"
import { openSql, type Sql } from "../sql/open-sql.ts"
import { type ShapeServer, startShapeServer } from "./start-shape-server.ts"

const scope = Scope.makeUnsafe()
let database: Postgres
let server: ShapeServer
let sql: Sql

beforeAll(async () => {
  const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> =>
    Effect.runPromise(Scope.provide(effect, scope))
  database = await run(startPostgres())
  const options = { databaseUrl: database.url(), secret: "s3cret", allowsDeletion: true }
  server = await run(startShapeServer(options))
  sql = openSql(database.url(), { max: 1 })
}, 120_000)
afterAll(async () => {
  await sql?.end(0)
  await Effect.runPromise(Scope.close(scope, Exit.void))
})

/** What the official client makes of a table: rows by number as the messages come, and how often it began anew. */
const follow = (table: string, liveSse: boolean) => {
  const leaving = new AbortController()
  const rows = new Map<number, string>()
  const seen = { refetches: 0, order: [] as Array<number>, upToDate: 0 }
  let look = (): void => undefined
  const stream = new ShapeStream<{ n: number; text: string }>({
    url: `${server.url}/v1/shape`,
    params: { table, secret: "s3cret" },
    liveSse,
    signal: leaving.signal,
  })
  stream.subscribe(
    (messages: ReadonlyArray<Message<{ n: number; text: string }>>) => {
      for (const message of messages) {
        if ("key" in message) {
          if (message.headers.operation === "delete") rows.delete(message.value.n)
          else rows.set(message.value.n, message.value.text)
          seen.order.push(message.value.n)
        } else if (message.headers.control === "must-refetch") {
          rows.clear()
          seen.refetches += 1
        } else if (message.headers.control === "up-to-date") seen.upToDate += 1
      }
      look()
    },
    () => undefined,
  )
  /** Waits until the client has exactly these rows, told up to date. */
  const has = (numbers: ReadonlyArray<number>): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (seen.upToDate > 0 && String([...rows.keys()].toSorted((a, b) => a - b)) === String(numbers)) resolve()
      }
      look()
    })
  return { rows, seen, has, leave: () => leaving.abort() }
}

const makeTable = async (name: string): Promise<void> => {
  await sql.unsafe(`create table ${name} (n int primary key, text text); insert into ${name} values (1, 'a'), (2, 'b')`)
}

describe.each([
  ["long poll", false],
  ["events", true],
] as const)("the official client by %s", (title, liveSse) => {
  const prefix = title.replace(" ", "_")

  it("gets the rows that are there, then each change in the order of commits", async () => {
    const table = `${prefix}_live`
    await makeTable(table)
    const client = follow(table, liveSse)
    await client.has([1, 2])
    for (const n of [30, 4, 5]) await sql.unsafe(`insert into ${table} values (${n}, 'x')`)
    await client.has([1, 2, 4, 5, 30])
    await sql.unsafe(`delete from ${table} where n = 1; update ${table} set text = 'new' where n = 2`)
    await client.has([2, 4, 5, 30])
    await expect.poll(() => client.rows.get(2)).toBe("new")
    expect(client.seen).toMatchObject({ refetches: 0, order: [1, 2, 30, 4, 5, 1, 2] })
    client.leave()
  })

  it("begins anew after TRUNCATE and after the shape's deletion", async () => {
    const table = `${prefix}_anew`
    await makeTable(table)
    const client = follow(table, liveSse)
    await client.has([1, 2])
    await sql.unsafe(`truncate ${table}`)
    await sql.unsafe(`insert into ${table} values (9, 'z')`)
    await client.has([9])
    await fetch(`${server.url}/v1/shape?table=${table}&secret=s3cret`, { method: "DELETE" })
    await expect.poll(() => client.seen.refetches, { timeout: 10_000 }).toBe(2)
    await client.has([9])
    client.leave()
  })

  it("goes on where it was after a kill, and begins anew after a wipe", async () => {
    const table = `${prefix}_kill`
    await makeTable(table)
    const client = follow(table, liveSse)
    await client.has([1, 2])
    await Effect.runPromise(server.kill)
    await sql.unsafe(`insert into ${table} values (3, 'c')`)
    await Effect.runPromise(server.start)
    await client.has([1, 2, 3])
    expect(client.seen.refetches).toBe(0)
    await Effect.runPromise(server.wipe)
    await sql.unsafe(`insert into ${table} values (4, 'd')`)
    await client.has([1, 2, 3, 4])
    expect(client.seen.refetches).toBe(1)
    client.leave()
  })
})

describe("the shape server", () => {
  it("drops a connection after 50 requests without having said so", async () => {
    const { Agent, request } = await import("node:http")
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number | undefined>()
    const said: Array<string | undefined> = []
    for (let count = 0; count < 51; count += 1) {
      await new Promise<void>((resolve, reject) => {
        const asked = request(`${server.url}/v1/health`, { agent }, (response) => {
          const { socket } = response
          ports.add(socket.localPort)
          said.push(response.headers.connection)
          // Who asks at once meets the drop.
          if (count === 49) socket.once("close", () => resolve())
          response.resume().on("end", () => {
            if (count !== 49) setImmediate(resolve)
          })
        })
        asked.on("error", reject).end()
      })
    }
    agent.destroy()
    expect({ connections: ports.size, said: [...new Set(said)] }).toEqual({ connections: 2, said: [undefined] })
  })

  it("repeats nothing when Postgres is killed under it, and loses nothing", async () => {
    await makeTable("outage")
    const client = follow("outage", true)
    await client.has([1, 2])
    await sql`insert into outage values (3, 'c')`
    await client.has([1, 2, 3])
    await Effect.runPromise(database.restart)
    await sql`insert into outage values (4, 'd')`
    await client.has([1, 2, 3, 4])
    expect(client.seen.order).toEqual([1, 2, 3, 4])
    client.leave()
  })

  it("says that logical replication is switched off, and how to switch it on", async () => {
    const failure = await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const plain = yield* startPostgres({ settings: { wal_level: "replica" } })
          return yield* Effect.flip(startShapeServer({ databaseUrl: plain.url() }))
        }),
      ),
    )
    expect(failure.message).toMatch(/wal_level is replica: logical replication needs wal_level=logical/)
  })
})
