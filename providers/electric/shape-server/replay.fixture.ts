import { request } from "node:http"
import type { Sql } from "../sql/open-sql.ts"
import { parseTable, quote } from "./identifiers.ts"
import {
  type Message,
  messagesOf,
  parseBody,
  recordedHeader,
  type Transcript,
  transcripts,
} from "./transcripts.fixture.ts"

/** An answer as it came. */
export interface Answer {
  readonly status: number
  readonly headers: ReadonlyArray<readonly [string, string]>
  readonly body: string
}

/** Asks on a connection of its own and reads until the end, or until the body suffices. Rejects when the connection breaks. */
export const ask = (
  url: string,
  options: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly suffices?: (body: string) => boolean
    /** Called once the request is on its way. */
    readonly sent?: () => void
  } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { method: options.method ?? "GET", headers: { ...options.headers }, agent: false })
    asked.on("error", reject)
    asked.on("response", (response) => {
      let body = ""
      const end = (): void =>
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const),
          body,
        })
      response.setEncoding("utf8")
      response.on("data", (text: string) => {
        body += text
        if (options.suffices?.(body) !== true) return
        end()
        response.destroy()
      })
      response.on("end", end)
      response.on("error", reject)
    })
    asked.on("finish", () => options.sent?.())
    asked.end()
  })

interface SchemaColumn {
  readonly type: string
  readonly not_null?: boolean
  readonly pk_index?: number
  readonly dims?: number
  readonly length?: number
  readonly max_length?: number
}

const eventColumns: Readonly<Record<string, SchemaColumn>> = {
  seqNum: { type: "int4", not_null: true, pk_index: 0 },
  parentSeqNum: { type: "int4", not_null: true },
  name: { type: "text", not_null: true },
  args: { type: "jsonb" },
  clientId: { type: "text", not_null: true },
  sessionId: { type: "text", not_null: true },
}

/** The columns of a transcript's table, from its own answer or another one about the same table. */
const columnsOf = (transcript: Transcript): Readonly<Record<string, SchemaColumn>> => {
  const table = tableOf(transcript)
  // Answers for some of the columns only tell nothing of the others.
  const all = [transcript, ...transcripts].filter(
    (other) => tableOf(other) === table && !other.request.url.includes("columns="),
  )
  const schemas = all.flatMap((other) => recordedHeader(other, "electric-schema") ?? [])
  return schemas[0] === undefined ? eventColumns : (JSON.parse(schemas[0]) as Record<string, SchemaColumn>)
}

/** The table's name, as the recorded request has it. */
export const tableOf = (transcript: Transcript): string =>
  parseTable(new URL(transcript.request.url, "http://h").searchParams.get("table") ?? "")?.name ?? ""

const createTable = async (sql: Sql, name: string, columns: Readonly<Record<string, SchemaColumn>>): Promise<void> => {
  if (JSON.stringify(columns).includes('"mood"'))
    await sql`create type mood as enum ('sad', 'ok')`.catch(() => undefined)
  const lines = Object.entries(columns).map(([column, { type, not_null, dims = 0, length, max_length }]) => {
    const size = length ?? max_length
    return `${quote(column)} ${type}${size === undefined ? "" : `(${size})`}${"[]".repeat(dims)}${not_null === true ? " not null" : ""}`
  })
  const keys = Object.entries(columns)
    .filter(([, { pk_index }]) => pk_index !== undefined)
    .toSorted(([, a], [, b]) => (a.pk_index ?? 0) - (b.pk_index ?? 0))
    .map(([column]) => quote(column))
  if (keys.length > 0) lines.push(`primary key (${keys.join(", ")})`)
  await sql.unsafe(`create table ${quote(name)} (${lines.join(", ")})`)
}

const literal = (value: string | null): string => (value === null ? "null" : `'${value.replaceAll("'", "''")}'`)

const insertOf = (table: string, row: Readonly<Record<string, string | null>>): string =>
  `insert into ${quote(table)} (${Object.keys(row).map(quote).join(", ")}) values (${Object.values(row).map(literal).join(", ")})`

/** Everything that a transcript's request needs, made on a table of its own. */
export interface Prepared {
  readonly table: string
  readonly path: string
  /** What happened while the recorded request was open. */
  readonly during: () => Promise<void>
}

/** Makes tables, shapes and transactions for transcripts, against one server. */
export const makeReplayer = (sql: Sql, url: string, prefix: string) => {
  let count = 0
  const filler = `${prefix}_filler`
  let fillerIsThere = false

  const withFiller = async (): Promise<void> => {
    if (fillerIsThere) return
    fillerIsThere = true
    await sql.unsafe(`create table ${quote(filler)} (n serial primary key)`)
    await ask(`${url}/v1/shape?table=${filler}&offset=-1`)
  }

  /** One transaction with these changes at these positions; the positions between are changes of another table. */
  const commit = async (table: string, messages: ReadonlyArray<Message>, ownBefore: number): Promise<void> => {
    const statements: Array<string> = []
    const spare = messages.find(({ value }) => value !== undefined)?.value ?? {}
    for (const { headers, value } of messages) {
      const { op_position = 0, operation, key_change_to, key_change_from } = headers
      while (statements.length * 2 < op_position - (key_change_from === undefined ? 0 : 1)) {
        const isOwn = statements.length < ownBefore
        if (!isOwn) await withFiller()
        statements.push(
          isOwn ? insertOf(table, spareRow(spare, statements.length)) : `insert into ${quote(filler)} default values`,
        )
      }
      if (key_change_to !== undefined) {
        const [, to] = /"(\d+)"$/.exec(key_change_to) ?? []
        statements.push(`update ${quote(table)} set "seqNum" = ${to} where "seqNum" = ${value?.["seqNum"]}`)
      } else if (key_change_from === undefined && operation === "insert") statements.push(insertOf(table, value ?? {}))
    }
    await sql.begin(async (transaction) => {
      for (const statement of statements) await transaction.unsafe(statement)
    })
  }

  const start = async (path: string): Promise<string> => {
    const parameters = new URL(path, url).searchParams
    parameters.set("offset", "-1")
    for (const name of ["handle", "live", "live_sse", "experimental_live_sse"]) parameters.delete(name)
    const answer = await ask(`${url}/v1/shape?${parameters}`)
    return answer.headers.find(([name]) => name === "electric-handle")?.[1] ?? ""
  }

  const endOf = async (path: string, handle: string): Promise<string> => {
    const parameters = new URL(path, url).searchParams
    for (const name of ["live", "live_sse", "experimental_live_sse"]) parameters.delete(name)
    parameters.set("handle", handle)
    parameters.set("offset", "0_inf")
    for (let attempt = 0; attempt < 400; attempt += 1) {
      const answer = await ask(`${url}/v1/shape?${parameters}`)
      const offset = answer.headers.find(([name]) => name === "electric-offset")?.[1] ?? ""
      if (offset !== "0_inf") return offset
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error("the shape's log stays empty")
  }

  /** `isSmall`: the recorded chunks were large, this server's are small: as many rows as make three of them. */
  const prepare = async (transcript: Transcript, isSmall = false): Promise<Prepared> => {
    count += 1
    const table = tableOf(transcript) === "" ? "" : `${prefix}_${count}_${tableOf(transcript)}`
    const recorded = new URL(transcript.request.url, url)
    const { searchParams } = recorded
    const isTable = table !== "" && !/nonono|v1$/.test(table)
    if (isTable) await createTable(sql, table, columnsOf(transcript))
    if (tableOf(transcript) === "v1") await sql.unsafe(`create view ${quote(table)} as select 1 as n`)
    if (table !== "") searchParams.set("table", quote(table))
    const done = async (during: Prepared["during"] = async () => undefined): Promise<Prepared> => ({
      table,
      path: `${recorded.pathname}${recorded.search === "" ? "" : `?${searchParams}`}`,
      during,
    })
    const { messages } = messagesOf(transcript)
    const offset = searchParams.get("offset") ?? ""
    const isStart = offset === "-1" || offset === "now"
    const rows = messages.filter(({ headers }) => headers.operation !== undefined)
    if (isTable && (isStart || isSmall)) {
      for (const { value } of isSmall ? [] : rows) await sql.unsafe(insertOf(table, complete(value, transcript)))
      if (isSmall && (isStart || offset.startsWith("0_"))) await sql.unsafe(insertMany(table, 40))
    }
    if (!isTable || (offset === "-1" && !searchParams.has("live"))) return done()
    const handle = await start(recorded.href)
    if (offset === "now" && !searchParams.has("live")) {
      await commit(table, [{ headers: { operation: "insert", op_position: 0 }, value: spareRow({}, 0) }], 0)
      await endOf(recorded.href, handle)
      return done()
    }
    if (searchParams.has("handle") && /^\d{6,}-/.test(searchParams.get("handle") ?? ""))
      searchParams.set("handle", handle)
    const [, lsn = "0", op = "0"] = /^(\d+)_(\d+)$/.exec(offset) ?? []
    if (isSmall) {
      if (Number(lsn) > 0 || offset === "0_inf") await sql.unsafe(insertMany(table, 24))
      const isLast = recordedHeader(transcript, "electric-up-to-date") !== undefined
      if (Number(lsn) > 0) searchParams.set("offset", await chunkEnd(recorded.href, handle, isLast))
      // What is asked for has to have reached the server.
      else if (offset === "0_inf") await endOf(recorded.href, handle)
      return done()
    }
    if (transcript.label.includes("handle-of-other-table")) {
      await withFiller()
      searchParams.set("handle", await start(`/v1/shape?table=${filler}`))
    }
    const groups = Map.groupBy(rows, ({ headers }) => headers.lsn)
    const isMiddle = groups.has(lsn)
    const isBeforeAll = transcript.label.includes("before-first")
    const hasEarlier = Number(lsn) > 1_000 && !isMiddle && !isBeforeAll && transcript.response?.status !== 400
    if (hasEarlier) {
      const changed = rows.find(({ headers }) => headers.key_change_to !== undefined)
      const before = Array.from({ length: Number(op) / 2 + 1 }, (_, index): Message => ({
        headers: { operation: "insert", op_position: index * 2 },
        value:
          changed === undefined ? spareRow(columnsOf(transcript), index) : complete(changed.value, transcript, rows),
      }))
      await commit(table, before, 0)
      searchParams.set("offset", await endOf(recorded.href, handle))
    }
    if (isMiddle) searchParams.set("offset", "0_inf")
    const run = async (): Promise<void> => {
      for (const [place, group] of groups) await commit(table, group, place === lsn ? Number(op) / 2 + 1 : 0)
    }
    if (/beyond-end-same-tx/.test(transcript.label)) {
      await commit(table, [{ headers: { operation: "insert", op_position: 0 }, value: spareRow({}, 0) }], 0)
      searchParams.set("offset", `${(await endOf(recorded.href, handle)).split("_")[0]}_2`)
    }
    const isDuring = (transcript.response?.firstByteMs ?? 0) > 200 || recorded.search.includes("live_sse")
    if (isDuring && !isMiddle) return done(run)
    await run()
    if (groups.size > 0) {
      const reached = await endAfter(recorded.href, handle, groups.size + (hasEarlier ? 1 : 0))
      if (isMiddle) searchParams.set("offset", `${reached.split("_")[0]}_${op}`)
      if (isBeforeAll) searchParams.set("offset", `${Number(reached.split("_")[0]) - 1}_0`)
    }
    return done()
  }

  /** Waits until the log holds so many transactions, and says where it ends. */
  const endAfter = async (path: string, handle: string, transactions: number): Promise<string> => {
    for (let attempt = 0; attempt < 400; attempt += 1) {
      const parameters = new URL(path, url).searchParams
      for (const name of ["live", "live_sse", "experimental_live_sse"]) parameters.delete(name)
      parameters.set("handle", handle)
      const messages: Array<Message> = []
      let offset = "0_inf"
      for (;;) {
        parameters.set("offset", offset)
        const answer = await ask(`${url}/v1/shape?${parameters}`)
        messages.push(...parseBody(answer.body))
        offset = answer.headers.find(([name]) => name === "electric-offset")?.[1] ?? ""
        if (answer.headers.some(([name]) => name === "electric-up-to-date")) break
      }
      const seen = new Set(messages.flatMap(({ headers }) => headers.lsn ?? []))
      if (seen.size >= transactions) return offset
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error("the transactions do not come")
  }

  /** Where the log's first chunk ends, or the last one that another follows. */
  const chunkEnd = async (path: string, handle: string, isLast: boolean): Promise<string> => {
    await endAfter(path, handle, 1)
    const parameters = new URL(path, url).searchParams
    parameters.delete("live")
    parameters.set("handle", handle)
    for (let offset = "0_inf"; ;) {
      parameters.set("offset", offset)
      const answer = await ask(`${url}/v1/shape?${parameters}`)
      if (answer.headers.some(([name]) => name === "electric-up-to-date")) return offset
      offset = answer.headers.find(([name]) => name === "electric-offset")?.[1] ?? ""
      if (!isLast) return offset
    }
  }

  return { prepare, start, url, sql }
}

export type Replayer = ReturnType<typeof makeReplayer>

const insertMany = (table: string, rows: number): string =>
  `insert into ${quote(table)} ("seqNum", "parentSeqNum", name, args, "clientId", "sessionId")
   select coalesce(max("seqNum"), 0) + g, g, 'todoCreated', jsonb_build_object('t', repeat('x', 20)), 'c1', 's1'
   from generate_series(1, ${rows}) g left join ${quote(table)} on true group by g`

/** A row that no recorded answer shows. */
const spareRow = (like: Readonly<Record<string, unknown>>, index: number): Readonly<Record<string, string | null>> => {
  const base = "i8" in like ? {} : { parentSeqNum: "0", name: "n", clientId: "c", sessionId: "s" }
  return { ...base, seqNum: String(-1_000 - index) }
}

/** A recorded row of some columns as one that the table takes. */
const complete = (
  value: Readonly<Record<string, string | null>> | undefined,
  transcript: Transcript,
  rows: ReadonlyArray<Message> = [],
): Readonly<Record<string, string | null>> => {
  const later = rows.find(({ headers }) => headers.key_change_from !== undefined)?.value ?? {}
  const missing = Object.entries(columnsOf(transcript)).flatMap(([name, { not_null }]) =>
    not_null === true && value?.[name] === undefined ? [[name, "0"] as const] : [],
  )
  return { ...Object.fromEntries(missing), ...later, ...value }
}
