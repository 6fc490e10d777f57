import { Agent, request, type IncomingMessage, type ServerResponse } from "node:http"
import { Refused } from "./refused.ts"
import type { PushSeams } from "./seams.ts"

/** What a client may say to Electric; everything else is fixed here. */
const passedParameters = new Set([
  "offset",
  "handle",
  "live",
  "live_sse",
  "experimental_live_sse",
  "cursor",
  "log",
  "expired_handle",
  "cache-buster",
])

/** Headers that belong to one connection alone. */
const hopByHop = new Set(["connection", "keep-alive", "transfer-encoding", "server", "date"])

/** A request to Electric on behalf of a client. */
export interface ShapeRequest {
  /** The table of the life that the client reads. */
  readonly table: string
  readonly parameters: URLSearchParams
  readonly response: ServerResponse
  /** Asked before anything is handed on: whether this client may still see it. */
  readonly mayPass: () => boolean
}

/** Hands one request to Electric and its answer back. Rejects before anything was answered. */
export type ShapeProxy = (asked: ShapeRequest) => Promise<void>

/** Where Electric is. */
export interface ElectricAt {
  readonly url: string
  readonly secret: string | undefined
}

/** Connections to Electric are kept, and asked once more on another when it has dropped one: after 50 requests it does. */
export const shapeProxy = (electric: ElectricAt, seams: PushSeams): ShapeProxy => {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64 })

  const urlOf = ({ table, parameters }: ShapeRequest): URL => {
    const url = new URL("/v1/shape", electric.url)
    for (const [name, value] of parameters) if (passedParameters.has(name)) url.searchParams.append(name, value)
    url.searchParams.set("table", table)
    if (electric.secret !== undefined) url.searchParams.set("secret", electric.secret)
    return url
  }

  /** False where a kept connection was used that Electric had dropped. */
  const ask = (asked: ShapeRequest, isFirst: boolean): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const { response } = asked
      const upstream = request(urlOf(asked), { agent })
      const letGo = (): void => {
        if (seams.letsGo) upstream.destroy()
      }
      response.once("close", letGo)
      upstream.on("response", (answer) => handOn(answer, asked, seams, () => resolve(true)))
      upstream.on("error", (error: Error & { readonly code?: string }) => {
        response.off("close", letGo)
        if (response.headersSent || response.destroyed) {
          response.destroy()
          return resolve(true)
        }
        if (upstream.reusedSocket && isFirst) return resolve(false)
        reject(new Refused({ _tag: "Unavailable", message: `Electric could not be asked: ${error.message}` }))
      })
      upstream.end()
    })
  // Reading twice does no harm.
  return async (asked) => {
    for (let isFirst = true; !(await ask(asked, isFirst)); isFirst = false);
  }
}

const handOn = (answer: IncomingMessage, asked: ShapeRequest, seams: PushSeams, done: () => void): void => {
  const { response, mayPass } = asked
  const isEvents = answer.headers["content-type"]?.startsWith("text/event-stream") === true
  const chunks: Array<Buffer> = []
  const end = (): void => {
    response.destroy()
    answer.destroy()
    done()
  }
  const writeHead = (): void => {
    for (const [name, value] of Object.entries(answer.headers)) {
      if (value !== undefined && !hopByHop.has(name) && seams.passes(name)) response.setHeader(name, value)
    }
    response.statusCode = answer.statusCode ?? 502
  }
  answer.on("error", end)
  if (isEvents) {
    writeHead()
    response.flushHeaders()
    response.on("drain", () => answer.resume())
    answer.on("data", (chunk: Buffer) => {
      if (!mayPass()) return end()
      if (!response.write(chunk)) answer.pause()
    })
    answer.on("end", () => {
      response.end()
      done()
    })
    return
  }
  answer.on("data", (chunk: Buffer) => void chunks.push(chunk))
  answer.on("end", () => {
    if (!answer.complete || !mayPass()) return end()
    writeHead()
    const body = Buffer.concat(chunks)
    response.setHeader("content-length", body.length)
    response.end(body)
    done()
  })
}
