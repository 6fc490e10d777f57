import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { LogRow } from "../wire.ts"

/** A message of Electric's. */
type Message = Record<string, unknown>

const schema = JSON.stringify(
  Object.fromEntries([
    ...["seqNum", "parentSeqNum", "position"].map((name) => [name, { type: "int8", not_null: true }]),
    ["following", { type: "int4", not_null: true }],
    ["args", { type: "text" }],
    ...["name", "clientId", "sessionId", "digest"].map((name) => [name, { type: "text", not_null: true }]),
  ]),
)

/** The row of an event. */
export const rowOf = (seqNum: number, parentSeqNum = seqNum - 1, following = 0): LogRow => ({
  ...{ seqNum, parentSeqNum, name: "e", args: `{"n":${seqNum}}`, clientId: "a", sessionId: "s" },
  ...{ digest: `digest ${seqNum}`, following, position: seqNum },
})

const values = (row: LogRow): Message =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]))

const message = (row: LogRow, lsn?: number): Message => ({
  key: `"public"."log"/"${row.seqNum}"`,
  value: values(row),
  headers: {
    operation: "insert",
    relation: ["public", "log"],
    ...(lsn === undefined ? {} : { lsn: String(lsn), op_position: 0, txids: [lsn], last: true }),
  },
})

/**
 * A push API and the Electric behind it, played by a script: `snapshot` is what Electric shows for offset -1, in this
 * order, `log` what it has behind that; Postgres has a head of its own.
 */
export interface ScriptedBackend {
  readonly port: number
  /** The head that Postgres has; Electric may lag behind it. */
  head: number
  backendId: string
  handle: string
  snapshot: Array<LogRow>
  readonly asked: Array<URL>
  /** Postgres and Electric have these rows from now on; `late`: Electric only once `catchUp` is called. */
  readonly commit: (rows: ReadonlyArray<LogRow>, late?: boolean) => void
  readonly catchUp: () => void
  /** Answers the next requests for the shape in Electric's place, one each. */
  readonly instead: Array<(response: ServerResponse, url: URL) => void>
  /** Breaks off every request for the shape that is held, as a kill of Electric does. */
  readonly breakOff: () => void
  readonly close: () => void
}

export const scriptedBackend = async (): Promise<ScriptedBackend> => {
  const log: Array<LogRow> = []
  const late: Array<LogRow> = []
  const waiting = new Set<() => void>()
  const open = new Set<ServerResponse>()
  const asked: Array<URL> = []
  const instead: Array<(response: ServerResponse, url: URL) => void> = []

  const headers = (offset: string, upToDate: boolean) => ({
    "electric-handle": backend.handle,
    "electric-offset": offset,
    "electric-schema": schema,
    ...(upToDate ? { "electric-up-to-date": "" } : {}),
  })
  const lastOffset = () => (log.length === 0 ? "0_0" : `${100 + log.length}_0`)
  const behind = (offset: string): number => (offset.startsWith("0_") ? 0 : Number(offset.split("_")[0]) - 100)
  const upToDate = () => ({ headers: { control: "up-to-date", global_last_seen_lsn: String(100 + log.length) } })

  const json = (response: ServerResponse, status: number, body: unknown, extra: Record<string, string> = {}): void => {
    response.writeHead(status, { "content-type": "application/json", ...extra })
    response.end(JSON.stringify(body))
  }
  const shape = (url: URL, response: ServerResponse): void => {
    open.add(response)
    response.on("close", () => open.delete(response))
    const planned = instead.shift()
    if (planned !== undefined) return planned(response, url)
    const offset = url.searchParams.get("offset") ?? ""
    if (offset === "-1") {
      const body = [...backend.snapshot.map((row) => message(row)), { headers: { control: "snapshot-end" } }]
      return json(response, 200, body, headers("0_0", false))
    }
    if (url.searchParams.get("handle") !== backend.handle) {
      return json(response, 409, [{ headers: { control: "must-refetch" } }], { "electric-handle": backend.handle })
    }
    const from = behind(offset)
    if (url.searchParams.get("live_sse") === "true") return stream(from, response)
    const answer = () => {
      const rows = log.slice(from).map((row, index) => message(row, 101 + from + index))
      json(response, 200, [...rows, upToDate()], { ...headers(lastOffset(), true), "electric-cursor": "1" })
    }
    if (url.searchParams.get("live") !== "true" || log.length > from) return answer()
    waiting.add(answer)
    response.on("close", () => waiting.delete(answer))
  }
  const stream = (from: number, response: ServerResponse): void => {
    let sent = from
    response.writeHead(200, {
      ...headers(`${100 + from}_0`, true),
      "electric-cursor": "1",
      "content-type": "text/event-stream",
    })
    response.flushHeaders()
    const more = (): void => {
      waiting.add(more)
      for (; sent < log.length; sent += 1) {
        response.write(`data: ${JSON.stringify(message(log[sent] as LogRow, 101 + sent))}\n\n`)
      }
      response.write(`data: ${JSON.stringify(upToDate())}\n\n`)
    }
    more()
    response.on("close", () => waiting.delete(more))
  }
  const wake = (): void => {
    const all = [...waiting]
    waiting.clear()
    for (const answer of all) answer()
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://backend")
    asked.push(url)
    if (url.pathname.endsWith("/shape")) return shape(url, response)
    let text = ""
    for await (const chunk of request.setEncoding("utf8")) text += String(chunk)
    const head = { backendId: backend.backendId, head: backend.head, digest: `digest ${backend.head}` }
    const { after } = JSON.parse(text) as { readonly after?: { readonly seqNum: number } }
    json(response, 200, after === undefined ? head : { ...head, remaining: backend.head - after.seqNum })
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
  const backend: ScriptedBackend = {
    port: (server.address() as AddressInfo).port,
    head: 0,
    backendId: "life 1",
    handle: "handle-1",
    snapshot: [],
    asked,
    instead,
    commit: (rows, isLate = false) => {
      backend.head = rows.at(-1)?.seqNum ?? backend.head
      ;(isLate ? late : log).push(...rows)
      wake()
    },
    catchUp: () => {
      log.push(...late.splice(0))
      wake()
    },
    breakOff: () => {
      for (const response of open) response.destroy()
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
  return backend
}
