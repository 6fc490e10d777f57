import type { EventEncoded, PageInfo } from "../contract/event.ts"
import type { RecordedError, RecordedEvent, RecordOf } from "../contract/history.ts"
import { ArgsTexts } from "./args-texts.ts"

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

const describe = (value: unknown): string => {
  try {
    if (typeof value === "string") return JSON.stringify(value)
    if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object"
    return String(value)
  } catch {
    return typeof value
  }
}

/** What a thrown or failed value says about itself; never throws. */
export const messageOf = (value: unknown): string => {
  try {
    if (typeof value === "string") return value
    const message = (value as { readonly message?: unknown } | undefined)?.message
    return typeof message === "string" ? message : describe(value)
  } catch {
    return "a value that cannot be read"
  }
}

/**
 * An event as it is now: its arguments as JSON text, no references kept. Whatever it is given it answers; what
 * cannot stand in JSON is told in `odd`. `texts` has what was recorded of it before.
 */
export const recordEvent = (event: EventEncoded, texts: ArgsTexts = new ArgsTexts()): RecordedEvent => {
  try {
    return snapshot(event, texts)
  } catch (cause) {
    return {
      seqNum: 0,
      parentSeqNum: 0,
      name: "",
      clientId: "",
      sessionId: "",
      odd: `no readable event: ${messageOf(cause)}`,
    }
  }
}

const snapshot = (event: EventEncoded, texts: ArgsTexts): RecordedEvent => {
  const { seqNum, parentSeqNum, name, clientId, sessionId, args } = event
  const plain =
    Number.isSafeInteger(seqNum) &&
    Number.isSafeInteger(parentSeqNum) &&
    typeof name === "string" &&
    typeof clientId === "string" &&
    typeof sessionId === "string"
  if (!plain) return oddEvent(event)
  if (args === undefined) return { seqNum, parentSeqNum, name, clientId, sessionId }
  let text: string | undefined
  try {
    text = texts.of(args)
  } catch (cause) {
    return { seqNum, parentSeqNum, name, clientId, sessionId, odd: `args: ${messageOf(cause)}` }
  }
  return text === undefined
    ? { seqNum, parentSeqNum, name, clientId, sessionId }
    : { seqNum, parentSeqNum, name, args: text, clientId, sessionId }
}

const oddEvent = (event: EventEncoded): RecordedEvent => {
  const odd: Array<string> = []
  const number = (key: "seqNum" | "parentSeqNum"): number => {
    const value: unknown = event[key]
    if (!Number.isSafeInteger(value)) odd.push(`${key}: ${describe(value)}`)
    return typeof value === "number" && Number.isFinite(value) ? value : 0
  }
  const string = (key: "name" | "clientId" | "sessionId"): string => {
    const value: unknown = event[key]
    if (typeof value === "string") return value
    odd.push(`${key}: ${describe(value)}`)
    return ""
  }
  const recorded: Mutable<RecordedEvent> = {
    seqNum: number("seqNum"),
    parentSeqNum: number("parentSeqNum"),
    name: string("name"),
    clientId: string("clientId"),
    sessionId: string("sessionId"),
  }
  try {
    const text: string | undefined = event.args === undefined ? undefined : JSON.stringify(event.args)
    if (text !== undefined) recorded.args = text
  } catch (cause) {
    odd.push(`args: ${messageOf(cause)}`)
  }
  recorded.odd = odd.join("; ")
  return recorded
}

/** Snapshots a batch; something that is no array becomes an empty batch. */
export const recordEvents = (batch: ReadonlyArray<EventEncoded>, texts: ArgsTexts): ReadonlyArray<RecordedEvent> => {
  const recorded: Array<RecordedEvent> = []
  if (!Array.isArray(batch)) return recorded
  for (let n = 0; n < batch.length; n++) recorded.push(recordEvent(batch[n] as EventEncoded, texts))
  return recorded
}

/** What a page record says beside its operation. */
export type RecordedPage = Pick<RecordOf<"page">, "events" | "info" | "remaining">

/** Snapshots an item of a pull; a sentence when it is not an item at all. */
export const recordPage = (item: unknown, texts: ArgsTexts): RecordedPage | string => {
  try {
    const { events, pageInfo } = item as {
      events: ReadonlyArray<{ event: EventEncoded }>
      pageInfo: PageInfo
    }
    if (!Array.isArray(events)) return `the pull gave an item without events: ${describe(events)}`
    const recorded: Array<RecordedEvent> = []
    for (const pulled of events) recorded.push(recordEvent(pulled?.event as EventEncoded, texts))
    const info = pageInfo?._tag
    switch (info) {
      case "NoMore":
      case "MoreUnknown":
        return { events: recorded, info }
      case "MoreKnown":
        return Number.isFinite(pageInfo.remaining)
          ? { events: recorded, info, remaining: pageInfo.remaining }
          : `the pull gave an item that says MoreKnown with a remainder of ${describe(pageInfo.remaining)}`
      default:
        return `the pull gave an item with an unknown pageInfo: ${describe(info)}`
    }
  } catch (cause) {
    return `the pull gave something that is no item: ${messageOf(cause)}`
  }
}

/** An error as the history keeps it; never throws, whatever the provider failed with. */
export const recordError = (error: unknown): RecordedError => {
  try {
    const fields = (typeof error === "object" && error !== null ? error : {}) as Record<string, unknown>
    const tag = fields["_tag"]
    const recorded: Mutable<RecordedError> = {
      tag: typeof tag === "string" ? tag : "UnknownError",
    }
    const message = fields["reason"] ?? fields["message"] ?? (tag === undefined ? messageOf(error) : undefined)
    if (typeof message === "string" && message !== "") recorded.message = message
    if (isFinite(fields["head"])) recorded.head = fields["head"]
    if (isFinite(fields["providedParent"])) recorded.providedParent = fields["providedParent"]
    if (typeof fields["expected"] === "string") recorded.expected = fields["expected"]
    if (typeof fields["received"] === "string") recorded.received = fields["received"]
    return recorded
  } catch {
    return { tag: "UnknownError", message: "an error that cannot be read" }
  }
}

const isFinite = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value)
