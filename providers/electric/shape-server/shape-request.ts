import { type Definition, parseDefinition } from "./definition.ts"
import { type Offset, parseOffset } from "./offset.ts"
import { invalid } from "./refusal.ts"

/** A request for a part of a shape, as it was asked. */
export interface ShapeRequest {
  readonly definition: Definition
  /** As it was written, for answers that repeat it. */
  readonly offsetText: string
  readonly offset: Offset | "now"
  readonly handle: string | null
  readonly isLive: boolean
  readonly isStream: boolean
  readonly cursor: string | null
}

/** Reads the parameters, the offset first. Throws a refusal. */
export const parseShapeRequest = (parameters: URLSearchParams): ShapeRequest => {
  const offsetText = parameters.get("offset") ?? ""
  if (offsetText === "") throw invalid("offset", "can't be blank")
  const offset = offsetText === "now" ? "now" : parseOffset(offsetText)
  if (offset === undefined) throw invalid("offset", "has invalid format")
  const definition = parseDefinition(parameters)
  const isLive = parameters.get("live") === "true"
  const isStream = parameters.get("live_sse") === "true" || parameters.get("experimental_live_sse") === "true"
  const isStart = offset !== "now" && offset.lsn < 0
  if (isLive && isStart) throw invalid("live", "can't be true when offset == -1")
  if (isLive && offset === "now") throw invalid("live", "can't be true when offset is 'now'")
  if (isStream && !isLive) throw invalid("live_sse", "can't be true unless live is also true")
  const handle = parameters.get("handle")
  if (!isStart && offset !== "now" && (handle === null || handle === "")) {
    throw invalid("handle", "can't be blank when offset != -1")
  }
  return { definition, offsetText, offset, handle, isLive, isStream, cursor: parameters.get("cursor") }
}
