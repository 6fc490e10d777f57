import type { Frame, FrameClass, FrameClassifier, FrameOperation, FrameRole } from "../../contract/frame.ts"
import { isLiveTraceId } from "../livestore/live-trace.ts"

/** The parts of an Effect RPC message that say what it is. */
interface RpcMessage {
  readonly _tag?: unknown
  readonly id?: unknown
  readonly tag?: unknown
  readonly requestId?: unknown
  readonly traceId?: unknown
  readonly payload?: { readonly live?: unknown }
}

/** What stands for a frame of several messages: the first of these roles that occurs in it. */
const telling: ReadonlyArray<FrameRole> = ["request", "page", "answer", "cancel", "ack", "poke", "other"]

const nothing: FrameClass = { operation: "other", role: "other" }

/**
 * Reads the frames of LiveStore's WebSocket and the bodies of its HTTP exchanges: Effect RPC messages as JSON. It remembers which operation each request
 * id belongs to; a message about a request of an earlier connection is `other`.
 */
export const classifyRpc = (): FrameClassifier => {
  const operations = new Map<string, FrameOperation>()
  return (frame) => {
    const classes = messagesOf(frame).map((message) => classifyMessage(message, operations))
    for (const role of telling) {
      const found = classes.find((known) => known.role === role)
      if (found !== undefined) return found
    }
    return nothing
  }
}

const classifyMessage = (message: RpcMessage, operations: Map<string, FrameOperation>): FrameClass => {
  if (message._tag === "Ping") return { operation: "ping", role: "request" }
  if (message._tag === "Pong") return { operation: "ping", role: "answer" }
  if (message._tag === "Request") {
    const id = String(message.id)
    const operation = requested(message)
    operations.set(id, operation)
    return { operation, role: "request", id }
  }
  const role = roles[String(message._tag)]
  if (role === undefined) return nothing
  // A defect is about the whole connection and names no request.
  if (message.requestId === undefined) return { operation: "other", role }
  const id = String(message.requestId)
  return { operation: operations.get(id) ?? "other", role, id }
}

const roles: Readonly<Record<string, FrameRole>> = {
  Chunk: "page",
  Exit: "answer",
  Defect: "answer",
  Ack: "ack",
  Interrupt: "cancel",
}

const requested = ({ tag, payload, traceId }: RpcMessage): FrameOperation => {
  switch (tag) {
    case "SyncWsRpc.Push":
    case "SyncHttpRpc.Push":
      return "push"
    case "SyncWsRpc.Pull":
      return payload?.live === true ? "live" : "pull"
    case "SyncHttpRpc.Pull":
      return isLiveTraceId(traceId) ? "live" : "pull"
    case "SyncHttpRpc.Ping":
      return "ping"
    default:
      return "other"
  }
}

const messagesOf = ({ data }: Frame): ReadonlyArray<RpcMessage> => {
  const text = typeof data === "string" ? data : new TextDecoder().decode(data)
  const whole = parsed(text)
  if (whole.length > 0) return whole
  return text.split("\n").flatMap(parsed)
}

const parsed = (text: string): ReadonlyArray<RpcMessage> => {
  try {
    const value: unknown = JSON.parse(text)
    const values: ReadonlyArray<unknown> = Array.isArray(value) ? value : [value]
    return values.filter((one): one is RpcMessage => typeof one === "object" && one !== null)
  } catch {
    return []
  }
}
