import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { judgeBatch } from "../../../contract/test-application.ts"
import { storeKey } from "../../cloudflare/wire.ts"
import type { Application } from "../../electric/push-api/application.ts"
import { Refused } from "../../electric/push-api/refused.ts"
import type { StorageFaults } from "../../electric/push-api/storage-faults.ts"
import type { Sql } from "../../electric/sql/open-sql.ts"
import { readPull, readPush, tableOf } from "../../livestore/electric-api.ts"
import { insertEvents, migrate } from "./event-table.ts"
import { askElectric } from "./ask-electric.ts"

const headerBytes = 65_536

/** What the endpoint is made of. */
export interface EndpointParts {
  readonly sql: Sql
  readonly electric: { readonly url: string; readonly secret: string | undefined }
  readonly application: Application
  readonly faults: StorageFaults
  /** Answers paths that are none of the application's; false where it has no answer. */
  readonly others: (path: string, request: IncomingMessage, response: ServerResponse) => boolean
}

/** A running endpoint. */
export interface Endpoint {
  readonly server: Server
  /** Live pulls of a store whose request is held now. */
  readonly livePulls: (key: string) => number
}

/**
 * An application's endpoint before Electric, as LiveStore's documentation describes it: GET pulls through Electric,
 * POST inserts into Postgres, HEAD is the client's ping. What the documentation leaves open:
 *
 * - A store's table is made by the first GET, as documented, and by a POST too, as LiveStore's own tests do; its
 *   example relies on a GET before every POST.
 * - HEAD asks Electric, as LiveStore's own tests do: its health, because what its root answers is not documented.
 * - A payload that is refused is answered with 401, as in the example. A push carries none, so that it is not judged.
 * - What the application or the database refuses is an exception in the example: 500 here, as its frameworks answer.
 * - Connections to the database are shared, and one to Electric is used for one request: it closes those that are kept.
 */
export const makeEndpoint = (parts: EndpointParts): Endpoint => {
  const { sql, electric, application, faults } = parts
  const held = new Map<ServerResponse, string>()

  const pull = async (url: URL, response: ServerResponse): Promise<void> => {
    const asked = readPull(url.searchParams, electric)
    const key = await storeKey(asked.storeId)
    const hook = asked.live ? "live" : "pull"
    application.authorise(hook, key, "payload" in asked ? { payload: asked.payload } : {})
    if (asked.needsInit) {
      await faults.before(key, "read", sql)
      await migrate(sql, tableOf(asked.storeId))
    }
    if (asked.live) {
      held.set(response, key)
      response.once("close", () => held.delete(response))
    }
    await askElectric("GET", asked.url, response)
  }

  const push = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { storeId, batch } = readPush(JSON.parse(await readText(request)))
    const key = await storeKey(storeId)
    application.authorise("push", key, {})
    const verdict = await judgeBatch(batch, (ms) => new Promise((resolve) => setTimeout(resolve, ms)))
    if (!verdict.ok) throw new Refused({ _tag: "PushRejected", reason: verdict.reason })
    const table = tableOf(storeId)
    await migrate(sql, table)
    await faults.before(key, "write", sql)
    await insertEvents(sql, table, batch)
    answerJson(response, 200, { success: true })
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://endpoint")
    if (parts.others(url.pathname, request, response)) return
    try {
      if (request.method === "GET") await pull(url, response)
      else if (request.method === "POST") await push(request, response)
      else if (request.method === "HEAD") await askElectric("HEAD", `${electric.url}/v1/health`, response)
      else answerJson(response, 405, { error: "Method not allowed" })
    } catch (error) {
      const isUnauthorised = error instanceof Refused && error.refusal._tag === "PayloadRejected"
      if (response.headersSent) response.destroy()
      else answerJson(response, isUnauthorised ? 401 : 500, { error: String((error as Error).message) })
    }
  }

  const server = createServer({ maxHeaderSize: headerBytes, keepAliveTimeout: 10_000 }, (request, response) => {
    response.on("error", () => undefined)
    void answer(request, response)
  })
  return { server, livePulls: (key) => [...held.values()].filter((one) => one === key).length }
}

const answerJson = (response: ServerResponse, status: number, body: unknown): void => {
  const text = JSON.stringify(body)
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
  response.end(text)
}

const readText = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk)
  return text
}
