import type { ServerResponse } from "node:http"
import { caching, jsonType, liveCursor } from "./http-headers.ts"
import { beforeAll, compareOffsets, formatOffset, type Offset } from "./offset.ts"
import { invalid, mustRefetch } from "./refusal.ts"
import { schemaHeader } from "./relation.ts"
import { type Server, upToDate } from "./server.ts"
import type { Shape } from "./shape.ts"
import type { ShapeRequest } from "./shape-request.ts"
import type { Shapes } from "./shapes.ts"
import { streamShape } from "./stream-shape.ts"

/** Answers one request for a part of a shape. Rejects with a refusal before anything was answered. */
export const answerShape = async (
  server: Server,
  asked: ShapeRequest,
  response: ServerResponse,
  isCacheable: boolean,
): Promise<void> => {
  const shape = await shapeFor(server.shapes, asked)
  const send = (headers: Readonly<Record<string, string>>, body: string | Buffer, isWhole: boolean): void => {
    response.writeHead(200, {
      "content-type": jsonType,
      "electric-handle": shape.handle,
      ...(asked.isLive
        ? { "electric-cursor": liveCursor(asked.cursor, server.limits.longPollMs) }
        : { "electric-schema": schemaHeader(columnsOf(shape)) }),
      ...headers,
      ...(isCacheable ? {} : { "cache-control": caching.none }),
      ...(isWhole ? { "content-length": String(Buffer.byteLength(body)) } : {}),
    })
    response.end(body)
  }
  const nothingNew = (offset: Offset, cacheControl: string): void => {
    const to = formatOffset(offset)
    send(
      {
        "cache-control": cacheControl,
        etag: `"${shape.handle}:${asked.offsetText}:${to}:-${process.hrtime.bigint()}"`,
        "electric-up-to-date": "",
        "electric-has-data": "false",
        "electric-offset": to,
      },
      `[${upToDate(server)}]`,
      true,
    )
  }

  if (asked.offset === "now") return nothingNew(shape.end, caching.log)
  const from = asked.offset
  await reachable(shape, from, server.limits.pastEndMs, response)
  if (asked.isStream) return streamShape(server, shape, asked, from, response)

  const inSnapshot = shape.snapshotAfter(from)
  if (inSnapshot === undefined && asked.isLive && shape.logAfter(from).entries.length === 0) {
    await news(shape, server.limits.longPollMs, response)
    if (shape.isGone) throw mustRefetch()
    if (shape.logAfter(from).entries.length === 0) return nothingNew(from, caching.live)
  }
  const { body, end, isLast } =
    inSnapshot === undefined ? logPart(server, shape, from) : { ...inSnapshot, isLast: false }
  send(
    {
      "cache-control": from === beforeAll ? caching.snapshot : asked.isLive ? caching.live : caching.log,
      etag: `"${shape.handle}:${asked.offsetText}:${formatOffset(end)}"`,
      ...(isLast ? { "electric-up-to-date": "" } : {}),
      "electric-has-data": "true",
      "electric-offset": formatOffset(end),
    },
    body,
    false,
  )
}

const logPart = (server: Server, shape: Shape, from: Offset) => {
  const { entries, end, isLast } = shape.logAfter(from)
  const messages = entries.map(({ json }) => json)
  if (isLast) messages.push(upToDate(server))
  return { body: `[${messages.join(",")}]`, end, isLast }
}

const columnsOf = (shape: Shape) => shape.relation.columns.filter(({ name }) => shape.rows.names.includes(name))

/** The shape that was asked for; 409 with the one to ask for instead. */
const shapeFor = async (shapes: Shapes, asked: ShapeRequest): Promise<Shape> => {
  const isNew = asked.offset === "now" || asked.offset.lsn < 0
  const current = shapes.find(asked.definition)
  if (current !== undefined && current.handle === asked.handle) return current
  const shape = current ?? (await shapes.ensure(asked.definition))
  if (!isNew) throw mustRefetch(shape.handle)
  return shape
}

/** Holds a request for a place that the shape has not reached yet; 400 when it does not in time. */
const reachable = async (shape: Shape, offset: Offset, timeoutMs: number, response: ServerResponse): Promise<void> => {
  const until = Date.now() + timeoutMs
  while (offset.lsn > 0 && compareOffsets(offset, shape.end) > 0) {
    const remainingMs = until - Date.now()
    if (remainingMs <= 0) throw invalid("offset", "out of bounds for this shape")
    await news(shape, remainingMs, response)
    if (shape.isGone) throw mustRefetch()
  }
}

/** Waits for the shape's next news or end, for the time or for the client's leaving. */
const news = (shape: Shape, timeoutMs: number, response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      takeBack()
      response.off("close", end)
      resolve()
    }
    const timer = setTimeout(end, timeoutMs)
    const takeBack = shape.onNews(end)
    response.once("close", end)
  })
