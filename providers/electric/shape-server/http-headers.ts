import { randomBytes } from "node:crypto"
import type { IncomingMessage } from "node:http"

/** What the server calls itself. */
const serverName = "sync-gauntlet-shape-server/0.1"

const exposed = [
  "electric-cursor",
  "electric-handle",
  "electric-has-data",
  "electric-offset",
  "electric-schema",
  "electric-up-to-date",
  "electric-internal-known-error",
  "retry-after",
].join(",")

/** On every answer. */
export const basicHeaders = (): Record<string, string> => ({
  "x-request-id": randomBytes(15).toString("base64url"),
  "electric-server": serverName,
})

/** For browsers of another origin. */
export const crossOriginHeaders = (request: IncomingMessage, methods: string): Record<string, string> => ({
  "access-control-allow-origin": request.headers.origin ?? "*",
  "access-control-expose-headers": exposed,
  "access-control-allow-methods": methods,
})

export const shapeMethods = "GET, POST, HEAD, DELETE, OPTIONS"
export const otherMethods = "GET, HEAD"
export const jsonType = "application/json; charset=utf-8"

/** How long an answer may be kept. */
export const caching = {
  snapshot: "public, max-age=604800, s-maxage=3600, stale-while-revalidate=2629746",
  log: "public, max-age=60, stale-while-revalidate=300",
  live: "public, max-age=5, stale-while-revalidate=5",
  events: "public, max-age=59",
  private: "max-age=0, private, must-revalidate",
  none: "no-cache",
  health: "no-cache, no-store, must-revalidate",
} as const

const cursorEpochSeconds = 1_728_432_000

/**
 * The `electric-cursor` of a live answer: time in steps of a long poll, so that caches join requests of the same step.
 * Never the one that the client already has.
 */
export const liveCursor = (previous: string | null, longPollMs: number): string => {
  const stepSeconds = Math.max(1, Math.round(longPollMs / 1000))
  const seconds = Date.now() / 1000 - cursorEpochSeconds
  const cursor = Math.ceil(seconds / stepSeconds) * stepSeconds
  return String(String(cursor) === previous ? cursor + 1 + Math.floor(Math.random() * 3_600) : cursor)
}
