import type { Frame, FrameClass, FrameOperation } from "../../contract/frame.ts"

/** The beginning of every frame: its kind, and its id where it has one. */
const beginning = /^\{"t":"(\w+)"(?:,"id":(\d+))?/

const other: FrameClass = { operation: "other", role: "other" }

const requests: Readonly<Record<string, FrameClass>> = {
  hello: { operation: "connect", role: "request" },
  push: { operation: "push", role: "request" },
  pull: { operation: "pull", role: "request" },
  live: { operation: "live", role: "request" },
  ping: { operation: "ping", role: "request" },
  unsub: { operation: "live", role: "cancel" },
  welcome: { operation: "connect", role: "answer" },
  poke: { operation: "live", role: "poke" },
}

/** Reads the frames of one connection; remembers what was asked, to say what is answered. */
export const classifyMock = () => {
  const asked = new Map<string, FrameOperation>()
  return ({ data }: Frame): FrameClass => {
    const text = typeof data === "string" ? data : Buffer.from(data).toString("utf8")
    const [, kind = "", id] = beginning.exec(text) ?? []
    const named = id === undefined ? {} : { id }
    const request = requests[kind]
    if (request !== undefined) {
      if (id !== undefined) asked.set(id, request.operation)
      return { ...request, ...named }
    }
    if (id === undefined) return other
    const operation = id === "0" ? "connect" : (asked.get(id) ?? "other")
    asked.delete(id)
    return { operation, role: kind === "page" ? "page" : "answer", id }
  }
}
