import { Effect } from "effect"
import { startPostgres } from "../providers/electric/postgres/start-postgres.ts"
import { openSql, type Sql } from "../providers/electric/sql/open-sql.ts"
import { startShapeServer } from "../providers/electric/shape-server/start-shape-server.ts"

/*
 * The shape server on embedded Postgres, beside what was measured of Electric 1.7.12:
 *   node bench/shape-server.ts [rows]
 */

const rows = Number(process.argv[2] ?? "20000")
const deliveries = 200

const report = (what: string, value: string, electric: string): void =>
  console.log(`${what.padEnd(52)} ${value.padStart(14)}   Electric: ${electric}`)

const percentile = (values: ReadonlyArray<number>, share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN

const header = (answer: Response, name: string): string => answer.headers.get(name) ?? ""

const main = Effect.gen(function* () {
  const begun = performance.now()
  const database = yield* startPostgres()
  const server = yield* startShapeServer({ databaseUrl: database.url() })
  report(
    "start of Postgres and shape server to ready",
    `${Math.round(performance.now() - begun)} ms`,
    "1600 to 4000 ms alone",
  )
  yield* Effect.promise(() => measure(database.url(), server.url))
  for (const [what, effect] of [
    ["restart of the shape server to ready", server.restart],
    ["restart of Postgres", database.restart],
  ] as const) {
    const before = performance.now()
    yield* effect
    report(what, `${Math.round(performance.now() - before)} ms`, "-")
  }
})

const measure = async (databaseUrl: string, url: string): Promise<void> => {
  const sql = openSql(databaseUrl, { max: 4 })
  await makeTable(sql, "delivery")
  await deliverByPoll(sql, `${url}/v1/shape?table=delivery`)
  await deliverByEvents(sql, `${url}/v1/shape?table=delivery`)
  await makeTable(sql, "many")
  const start = await fetch(`${url}/v1/shape?table=many&offset=-1`)
  await start.text()
  const shape = `${url}/v1/shape?table=many&handle=${header(start, "electric-handle")}`
  const seconds = await singleRows(sql, shape)
  report(`${rows} single-row transactions to one live client`, `${Math.round(rows / seconds)} rows/s`, "752 rows/s")
  const before = performance.now()
  await read(`${shape}&offset=0_inf`)
  report(`catch-up of ${rows} rows`, `${Math.round(performance.now() - before)} ms`, "200 ms for 20000")
  await sql.end()
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

const deliverByPoll = async (sql: Sql, shape: string): Promise<void> => {
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
  reportTimes("long poll", times, "p50 2.6 ms, p99 10 ms")
}

const deliverByEvents = async (sql: Sql, shape: string): Promise<void> => {
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
  reportTimes("events", times, "p50 1.3 ms, p99 2.6 ms")
}

/** Below zero where the row came before the writer heard of its commit. */
const reportTimes = (what: string, times: ReadonlyArray<number>, electric: string): void => {
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)].map((value) => value.toFixed(1))
  report(`commit to delivery by ${what}`, `p50 ${p50} ms, p99 ${p99} ms`, electric)
}

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

await Effect.runPromise(Effect.scoped(main))
