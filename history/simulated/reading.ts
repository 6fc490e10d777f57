import type { EventEncoded, PageInfo } from "../../contract/event.ts"
import type { Recorder } from "../recorder.ts"
import type { SimulatedBackend } from "./backend.ts"
import type { Draw } from "./draw.ts"

/** A pull or live pull under way. */
export interface Reading {
  readonly op: number
  /** Reads a page, hands one over, or ends: `foreign` when the client must begin afresh. */
  readonly step: (faulty: boolean) => "open" | "done" | "failed" | "foreign"
  readonly isCaughtUp: () => boolean
}

export interface ReadingOptions {
  readonly id: string
  readonly backend: SimulatedBackend
  readonly recorder: Recorder
  readonly draw: Draw
  readonly live: boolean
  readonly cursor: number | undefined
  readonly knows: number
  readonly rejected: () => boolean
  /** Hears what was handed over. */
  readonly seen: (events: ReadonlyArray<EventEncoded>) => void
}

interface Page {
  readonly events: ReadonlyArray<EventEncoded>
  readonly pageInfo: PageInfo
}

/** Begins a pull. A page is read at one step and handed over at the next, so that what it says may be of the past. */
export const makeReading = (options: ReadingOptions): Reading => {
  const { id, backend, recorder, draw, live, cursor, knows, seen } = options
  const life = backend.life()
  const invocation = { client: id, store: backend.name, f: live ? ("live" as const) : ("pull" as const) }
  const op = recorder.invoke(cursor === undefined ? invocation : { ...invocation, cursor })
  let at = cursor ?? 0
  let page: Page | undefined
  let caughtUp = false

  const fail = (error: object, how: "failed" | "foreign") => {
    recorder.failed(op, error)
    caughtUp = true
    return how
  }
  const rest = () => backend.log().filter((event) => event.seqNum > at)

  const readPage = (): Page => {
    const after = rest()
    const events = after.slice(0, 1 + draw(5))
    at = events.at(-1)?.seqNum ?? at
    const remaining = after.length - events.length
    const more: PageInfo = backend.knowsRemaining ? { _tag: "MoreKnown", remaining } : { _tag: "MoreUnknown" }
    return { events, pageInfo: remaining === 0 ? { _tag: "NoMore" } : more }
  }

  const step: Reading["step"] = (faulty) => {
    if (options.rejected()) return fail({ _tag: "PayloadRejected", message: "no" }, "failed")
    if (faulty || draw(30) === 29) return fail({ _tag: "IsOffline", message: "gone" }, "failed")
    if (knows !== -1 && knows !== backend.identity()) {
      return fail(
        { _tag: "BackendIdMismatch", expected: String(knows), received: String(backend.identity()) },
        "foreign",
      )
    }
    if (life !== backend.life()) return fail({ _tag: "IsOffline", message: "the data was changed" }, "failed")
    if ((cursor ?? 0) > backend.head()) return fail({ _tag: "CursorAhead", cursor, head: backend.head() }, "foreign")
    if (page !== undefined) {
      const { events, pageInfo } = page
      page = undefined
      recorder.page(op, { events: events.map((event) => ({ event })), pageInfo })
      seen(events)
      caughtUp ||= pageInfo._tag === "NoMore"
      return "open"
    }
    if (caughtUp && !live) {
      recorder.ok(op)
      return "done"
    }
    if (!caughtUp || rest().length > 0) page = readPage()
    return "open"
  }
  return {
    op,
    step,
    isCaughtUp: () => caughtUp && page === undefined && (!live || rest().length === 0 || life !== backend.life()),
  }
}
