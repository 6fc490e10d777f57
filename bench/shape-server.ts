import { Effect, type Scope } from "effect"
import type { HostError } from "../contract/errors.ts"
import { startPostgres } from "../providers/electric/postgres/start-postgres.ts"
import { openSql, type Sql } from "../providers/electric/sql/open-sql.ts"
import { startShapeServer } from "../providers/electric/shape-server/start-shape-server.ts"
import type { Row } from "./row.ts"

const rows = 20_000
const deliveries = 200

const row = (what: string, value: number, unit: Row["unit"], budget?: Row["budget"]): Row => ({
  bench: "electric",
  what,
  value,
  unit,
  ...(budget === undefined ? {} : { budget }),
})

const percentile = (values: ReadonlyArray<number>, share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN

const header = (answer: Response, name: string): string => answer.headers.get(name) ?? ""

/** The shape server on embedded Postgres, in one run; at least the rate that was measured of Electric 1.7.12. */
export const benchShapeServer = (): Promise<ReadonlyArray<Row>> => Effect.runPromise(Effect.scoped(measured))

const measured: Effect.Effect<ReadonlyArray<Row>, HostError, Scope.Scope> = Effect.gen(function* () {
  const begun = performance.now()
  const database = yield* startPostgres()
  const server = yield* startShapeServer({ databaseUrl: database.url() })
  const started = row("Postgres and shape server, start to ready", performance.now() - begun, "ms", { atMost: 2_500 })
  const speeds = yield* Effect.promise(() => measure(database.url(), server.url))
  const restarts: Array<Row> = []
  for (const [what, effect] of [
    ["shape server, restart to ready", server.restart],
    ["Postgres, restart to ready", database.restart],
  ] as const) {
    const before = performance.now()
    yield* effect
    restarts.push(row(what, performance.now() - before, "ms"))
  }
  return [started, ...speeds, ...restarts]
})

const measure = async (databaseUrl: string, url: string): Promise<ReadonlyArray<Row>> => {
  const sql = openSql(databaseUrl, { max: 4 })
  await makeTable(sql, "delivery")
  const polled = await deliverByPoll(sql, `${url}/v1/shape?table=delivery`)
  const streamed = await deliverByEvents(sql, `${url}/v1/shape?table=delivery`)
  await makeTable(sql, "many")
  const start = await fetch(`${url}/v1/shape?table=many&offset=-1`)
  await start.text()
  const shape = `${url}/v1/shape?table=many&handle=${header(start, "electric-handle")}`
  const seconds = await singleRows(sql, shape)
  const before = performance.now()
  await read(`${shape}&offset=0_inf`)
  const catchUpMs = performance.now() - before
  await sql.end()
  const many = rows.toLocaleString("en-US")
  return [
    ...timesOf("long poll", polled),
    ...timesOf("events", streamed),
    row(`${many} transactions of a row to one live client`, rows / seconds, "/s", { atLeast: 752 }),
    row(`catch-up of ${many} rows`, catchUpMs, "ms"),
  ]
}

const makeTable = (sql: Sql, name: string) =>
  sql.unsafe(`create table ${name} ("seqNum" int primary key, "parentSeqNum" int not null, name text not null,
    args text, "clientId" text not null, "sessionId" text not null)`)

const insert = (sql: Sql, table: string, n: number) =>
  sql.unsafe(`insert into ${table} values (${n}, ${n - 1}, 'todoCreated', '{"id":"${n}","text":"x"}', 'c', 's')`)

/** Reads a shape's log until it is up to date; the number of rows. */
const read = async (from: string): Promise<number> => {
  let offset = new URL(from).searchParams.get("offset") ?? ""
  for (let count = 0; ;) {
    const at = new URL(from)
    at.searchParams.set("offset", offset)
    const answer = await fetch(at)
    const messages = (await answer.json()) as ReadonlyArray<{ readonly key?: string }>
    count += messages.filter(({ key }) => key !== undefined).length
    offset = header(answer, "electric-offset")
    if (answer.headers.has("electric-up-to-date")) return count
  }
}

const deliverByPoll = async (sql: Sql, shape: string): Promise<ReadonlyArray<number>> => {
  const start = await fetch(`${shape}&offset=-1`)
  await start.text()
  const handle = header(start, "electric-handle")
  let offset = "0_inf"
  const times: Array<number> = []
  for (let n = 1; n <= deliveries; n += 1) {
    const poll = fetch(`${shape}&offset=${offset}&handle=${handle}&live=true`)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await insert(sql, "delivery", n)
    const committed = performance.now()
    const answer = await poll
    await answer.text()
    times.push(performance.now() - committed)
    offset = header(answer, "electric-offset")
  }
  return times
}

const deliverByEvents = async (sql: Sql, shape: string): Promise<ReadonlyArray<number>> => {
  const start = await fetch(`${shape}&offset=-1`)
  await start.text()
  const leaving = new AbortController()
  const url = `${shape}&offset=0_inf&handle=${header(start, "electric-handle")}&live=true&live_sse=true`
  const events = await fetch(url, { signal: leaving.signal })
  const times: Array<number> = []
  const waiting = new Map<number, () => void>()
  const reading = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of events.body ?? []) {
      for (const [, n] of decoder.decode(chunk, { stream: true }).matchAll(/"seqNum":"(\d+)"/g))
        waiting.get(Number(n))?.()
    }
  })().catch(() => undefined)
  for (let n = deliveries + 1; n <= deliveries * 2; n += 1) {
    const came = new Promise<number>((resolve) => waiting.set(n, () => resolve(performance.now())))
    await insert(sql, "delivery", n)
    const committed = performance.now()
    times.push((await came) - committed)
  }
  leaving.abort()
  await reading
  return times
}

/** Below zero where the row came before the writer heard of its commit. */
const timesOf = (what: string, times: ReadonlyArray<number>): ReadonlyArray<Row> => [
  row(`commit to delivery by ${what}, p50`, percentile(times, 0.5), "ms", { atMost: 5 }),
  row(`commit to delivery by ${what}, p99`, percentile(times, 0.99), "ms"),
]

/** Commits the rows one by one while one client follows by long poll; seconds until it has them all. */
const singleRows = async (sql: Sql, shape: string): Promise<number> => {
  const begun = performance.now()
  const writing = (async () => {
    // Several statements in flight: the writer must not be what is measured.
    const window: Array<Promise<unknown>> = []
    for (let n = 1; n <= rows; n += 1) {
      window.push(insert(sql, "many", n))
      if (window.length >= 32) await window.shift()
    }
    await Promise.all(window)
  })()
  let offset = "0_inf"
  for (let count = 0; count < rows;) {
    const answer = await fetch(`${shape}&offset=${offset}&live=true`)
    const messages = (await answer.json()) as ReadonlyArray<{ readonly key?: string }>
    count += messages.filter(({ key }) => key !== undefined).length
    offset = header(answer, "electric-offset")
  }
  await writing
  return (performance.now() - begun) / 1000
}
