import type { FrameClass } from "../../contract/frame.ts"

/** A frame in a few words, without its direction: "push request 3", "live page", "other ping". */
export const frameLabel = (frame: FrameClass): string => {
  const role = frame.role === "other" ? "" : ` ${frame.role}`
  const id = frame.id === undefined ? "" : ` ${frame.id}`
  return `${frame.operation}${role}${id}`
}
