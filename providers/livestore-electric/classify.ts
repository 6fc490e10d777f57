import type { FrameClass, FrameClassifier, HttpFrame } from "../../contract/frame.ts"

const other: FrameClass = { operation: "other", role: "other" }

/** Reads the exchanges of LiveStore's Electric client: GET pulls, POST pushes, HEAD is its ping. */
export const classifyExchanges = (): FrameClassifier => (frame) => {
  const { http, direction, data } = frame
  if (http === undefined) return other
  const operation = operationOf(http)
  if (operation === "other") return other
  if (direction === "up") return { operation, role: "request" }
  const isPull = operation === "pull" || operation === "live"
  return { operation, role: isPull && carriesRows(data) ? "page" : "answer" }
}

const operationOf = ({ method, path }: HttpFrame): FrameClass["operation"] => {
  if (method === "POST") return "push"
  if (method === "HEAD") return "ping"
  if (method !== "GET") return "other"
  return isLive(path) ? "live" : "pull"
}

/** A pull's arguments are JSON, escaped for a URI, in the parameter `args`. */
const isLive = (path: string): boolean => {
  try {
    const args = new URL(path, "http://endpoint").searchParams.get("args")
    return (JSON.parse(args ?? "{}") as { readonly live?: unknown }).live === true
  } catch {
    return /%22live%22%3Atrue/i.test(path)
  }
}

const carriesRows = (data: string | Uint8Array): boolean =>
  (typeof data === "string" ? data : new TextDecoder().decode(data)).includes('"key":')
