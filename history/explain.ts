import type { RecordedError, RecordedEvent } from "../contract/history.ts"
import type { Known } from "./model/known.ts"
import type { Operation } from "./model/operation.ts"
import type { Slot } from "./model/slot.ts"

/** "1.204 s" */
export const seconds = (t: number): string => `${(t / 1e9).toFixed(3)} s`

/** "client b's live pull" */
export const whose = (op: Operation): string => `client ${op.client.id}'s ${op.f === "live" ? "live pull" : op.f}`

/** "client b's pull at 1.204 s" */
export const at = (op: Operation, t: number = op.t): string => `${whose(op)} at ${seconds(t)}`

/** "event 7", "events 5 to 7", "no event" */
export const eventsOf = (batch: ReadonlyArray<RecordedEvent>): string => {
  const first = batch[0]?.seqNum
  const last = batch.at(-1)?.seqNum
  if (first === undefined) return "no event"
  return batch.length === 1 ? `event ${first}` : `events ${first} to ${last}`
}

/** "event 6" or "the root" */
export const position = (seq: number): string => (seq === 0 ? "the root" : `event ${seq}`)

/** How something came to be known: "the backend had acknowledged 6 to client a at 0.911 s" */
export const knew = (known: Known): string => {
  switch (known.how) {
    case "nothing":
      return "the log was empty"
    case "acknowledged":
      return `the backend had acknowledged ${known.seq} to client ${known.client} at ${seconds(known.t)}`
    case "delivered":
      return `client ${known.client} had been given ${known.seq} at ${seconds(known.t)}`
    case "named":
      return `the backend had named ${known.seq} as its head to client ${known.client} at ${seconds(known.t)}`
    case "restored":
      return `the data had been restored up to ${known.seq} at ${seconds(known.t)}`
  }
}

/** How a proven position came to be known. */
export const knewSlot = (slot: Slot): string => {
  if (slot.ack !== undefined) {
    return `the backend had acknowledged ${slot.seq} to client ${slot.ack.client.id} at ${seconds(slot.ack.endT)}`
  }
  if (slot.seenBy !== undefined) {
    return `client ${slot.seenBy.client.id} had been given ${slot.seq} at ${seconds(slot.seenT)}`
  }
  return `the log had ${slot.seq} when it was read past the provider`
}

/** The record that made a position known. */
export const knewSlotI = (slot: Slot): number => slot.ack?.endI ?? (slot.seenI === -1 ? slot.truthI : slot.seenI)

/** "client a pushed event 6 at 0.900 s" */
export const pushed = (push: Operation, what: string = eventsOf(push.batch)): string =>
  `client ${push.client.id} pushed ${what} at ${seconds(push.t)}`

/** "ServerAhead with head 4" */
export const errorOf = (error: RecordedError): string =>
  error.tag === "ServerAhead"
    ? `ServerAhead with head ${error.head ?? "missing"}`
    : error.message === undefined
      ? error.tag
      : `${error.tag} (${error.message})`

/** Joins an argument: what happened, why that cannot be, and what follows from it. */
export const argue = (claim: string, grounds: string | ReadonlyArray<string>, conclusion: string): string =>
  `${[claim, ...(typeof grounds === "string" ? [grounds] : grounds)].join("; ")}; therefore ${conclusion}.`

/** Record numbers without those that do not exist, each once, at most five. */
export const records = (...numbers: ReadonlyArray<number>): ReadonlyArray<number> =>
  [...new Set(numbers.filter((i) => i >= 0))].slice(0, 5)
