import { Effect } from "effect"
import { InvalidPush, ServerAhead } from "../../../contract/errors.ts"
import { eventSizeBytes, fitsIn } from "../stored-event.ts"
import type { WireEvent } from "../wire.ts"
import type { BackendSeams } from "./seams.ts"

const show = (value: unknown): string => JSON.stringify(value) ?? String(value)

const wrongShape = (event: WireEvent): string | undefined => {
  for (const member of ["name", "clientId", "sessionId"] as const) {
    if (typeof event[member] !== "string") return `${member} ${show(event[member])} is no text`
  }
  if (!Number.isSafeInteger(event.seqNum) || event.seqNum <= 0) {
    return `seqNum ${show(event.seqNum)} is no positive safe integer`
  }
  if (!Number.isSafeInteger(event.parentSeqNum) || event.parentSeqNum < 0) {
    return `parentSeqNum ${show(event.parentSeqNum)} is no position`
  }
  if (event.seqNum <= event.parentSeqNum) return `seqNum ${event.seqNum} is not above its parent ${event.parentSeqNum}`
  return undefined
}

/** Why a batch is no batch, whatever the head: too large, a bad number, a broken chain. Undefined when it is one. */
export const invalidity = (
  events: ReadonlyArray<WireEvent>,
  limits: { readonly batchEvents: number; readonly eventBytes: number },
): string | undefined => {
  if (events.length > limits.batchEvents)
    return `a batch of ${events.length} events, at most ${limits.batchEvents} are taken`
  let before: number | undefined
  for (const event of events) {
    const wrong = wrongShape(event)
    if (wrong !== undefined) return wrong
    if (before !== undefined && event.parentSeqNum !== before) {
      return `event ${event.seqNum} says that it follows ${event.parentSeqNum}, and stands behind ${before}`
    }
    if (!fitsIn(event, limits.eventBytes)) {
      return `event ${event.seqNum} has ${eventSizeBytes(event)} bytes, at most ${limits.eventBytes} are taken`
    }
    before = event.seqNum
  }
  return undefined
}

/** A batch is admitted when it is sound and stands on the head. */
export const admit: BackendSeams["admit"] = ({ context, events, head }) => {
  const invalid = invalidity(events, context.limits)
  if (invalid !== undefined) return Effect.fail(new InvalidPush({ message: invalid }))
  const providedParent = events[0]?.parentSeqNum ?? head
  return providedParent === head ? Effect.void : Effect.fail(new ServerAhead({ head, providedParent }))
}
