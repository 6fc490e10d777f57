import type { FrameClass, FrameClassifier, FrameOperation } from "../../contract/frame.ts"
import { splitRequest } from "./http-wire.ts"

const other: FrameClass = { operation: "other", role: "other" }

interface Head {
  readonly t?: unknown
  readonly id?: unknown
  readonly live?: unknown
}

/**
 * Reads the bodies of requests and answers, and the frames of held answers. A request's frame stands behind its hello;
 * an answer is what its first frame is.
 */
export const classifyExchanges = (): FrameClassifier => {
  const classify = classifyFrames()
  let held = false
  return (frame) => {
    const text = typeof frame.data === "string" ? frame.data : new TextDecoder().decode(frame.data)
    if (frame.direction === "up") {
      const { hello = text, frame: asked } = splitRequest(text) ?? {}
      held = asked !== undefined && readHead(asked)?.t === "watch"
      if (held) return { operation: "live", role: "request" }
      return classify({ direction: "up", data: asked ?? hello })
    }
    // The head that opens a held answer is no news.
    if (held && readHead(text)?.t === "welcome") return { operation: "live", role: "other" }
    return classify({ direction: "down", data: text })
  }
}

/** Reads the frames of one connection. It remembers what was asked, because a refusal does not say. */
export const classifyFrames = (): FrameClassifier => {
  const asked = new Map<string, FrameOperation>()

  const up = (head: Head, id: string): FrameClass => {
    switch (head.t) {
      case "hello":
        return { operation: "connect", role: "request" }
      case "push":
        asked.set(id, "push")
        return { operation: "push", role: "request", id }
      case "pull": {
        const operation = head.live === true ? "live" : "pull"
        asked.set(id, operation)
        return { operation, role: "request", id }
      }
      case "check":
        asked.set(id, "ping")
        return { operation: "ping", role: "request", id }
      case "ping":
        return { operation: "ping", role: "request" }
      case "watch":
        return { operation: "live", role: "other" }
      case "cancel":
        return { operation: asked.get(id) ?? "other", role: "cancel", id }
      default:
        return other
    }
  }

  const down = (head: Head, id: string): FrameClass => {
    switch (head.t) {
      case "welcome":
        return { operation: "connect", role: "answer" }
      case "pushed":
        return { operation: "push", role: "answer", id }
      case "page":
        return { operation: head.live === true ? "live" : "pull", role: "page", id }
      case "checked":
        return { operation: "ping", role: "answer", id }
      case "pong":
        return { operation: "ping", role: "answer" }
      case "poke":
        return { operation: "live", role: "poke" }
      case "refused":
        return head.id === undefined
          ? { operation: "connect", role: "answer" }
          : { operation: asked.get(id) ?? "other", role: "answer", id }
      default:
        return other
    }
  }

  return ({ direction, data }) => {
    const head = readHead(data)
    if (head === undefined) return other
    return direction === "up" ? up(head, String(head.id)) : down(head, String(head.id))
  }
}

/** The message in a frame's first line. */
const readHead = (data: string | Uint8Array): Head | undefined => {
  const text = typeof data === "string" ? data : new TextDecoder().decode(data)
  const end = text.indexOf("\n")
  try {
    const head: unknown = JSON.parse(end < 0 ? text : text.slice(0, end))
    return typeof head === "object" && head !== null ? head : undefined
  } catch {
    return undefined
  }
}
