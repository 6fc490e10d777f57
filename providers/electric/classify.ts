import type { FrameClass, FrameClassifier, FrameOperation, HttpFrame } from "../../contract/frame.ts"

const other: FrameClass = { operation: "other", role: "other" }

/**
 * Reads the exchanges of one connection: the path says what is asked. An answer of Electric's is a page; of one that is
 * streamed each event with a row is, and what opens it or keeps it open is no news.
 */
export const classifyRequests = (): FrameClassifier => (frame) => {
  const { http } = frame
  const [, route = "", shape] = /^\/v1\/stores\/[0-9a-f]+\/([a-z]+)(\/shape)?(?:\?|$)/.exec(http?.path ?? "") ?? []
  if (http === undefined || route === "") return other
  const operation = operationOf(route)
  if (frame.direction === "up") return { operation, role: "request" }
  if (shape === undefined) return { operation, role: "answer" }
  return { operation, role: carriesRows(http, frame.data) ? "page" : "other" }
}

const operationOf = (route: string): FrameOperation => {
  switch (route) {
    case "connect":
    case "push":
    case "pull":
    case "live":
      return route
    case "check":
      return "ping"
    default:
      return "other"
  }
}

const carriesRows = ({ part }: HttpFrame, data: string | Uint8Array): boolean => {
  if (part === "head") return false
  if (part === "whole") return true
  const text = typeof data === "string" ? data : new TextDecoder().decode(data)
  return text.includes('"key":')
}
