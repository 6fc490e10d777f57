import { InvalidPush, PayloadRejected } from "../../../contract/errors.ts"
import type { EventEncoded } from "../../../contract/event.ts"
import { limits, type PushedRow } from "../wire.ts"

/** Longer credentials do not fit the header that carries them. */
const credentialsBytes = 2 * limits.payloadBytes
/** More than this the backend refuses anyhow, so that nothing needs to be sent. */
const hopelessEvents = 10_000
const hopelessBytes = 60_000_000

/** What the client hands over with each request, as JSON, or why that cannot be sent. */
export const encodeCredentials = (args: { readonly payload?: unknown }): string | PayloadRejected => {
  try {
    const text = JSON.stringify("payload" in args ? { payload: args.payload } : {})
    if (Buffer.byteLength(text) <= credentialsBytes) return text
    return new PayloadRejected({ message: "the payload is too large to be sent" })
  } catch {
    return new PayloadRejected({ message: "the payload is no JSON" })
  }
}

/** A batch as rows. What cannot be sent at all is refused here; the backend judges everything else. */
export const encodeRows = (batch: ReadonlyArray<EventEncoded>): ReadonlyArray<PushedRow> | InvalidPush => {
  if (!Array.isArray(batch)) return new InvalidPush({ message: "a batch is an array of events" })
  if (batch.length > hopelessEvents) return new InvalidPush({ message: `${batch.length} events are too many` })
  const rows: Array<PushedRow> = []
  let bytes = 0
  for (const event of batch as ReadonlyArray<EventEncoded>) {
    try {
      // `JSON.stringify` gives undefined for what has no JSON, such as a function: absent arguments.
      const args = JSON.stringify(event.args) as string | undefined
      const row = [event.seqNum, event.parentSeqNum, event.name, event.clientId, event.sessionId, args ?? null] as const
      bytes += JSON.stringify(row).length
      rows.push(row)
    } catch (error) {
      return new InvalidPush({ message: `the event is no JSON: ${describe(error)}` })
    }
    if (bytes > hopelessBytes) return new InvalidPush({ message: `the batch has more than ${hopelessBytes} bytes` })
  }
  return rows
}

/** What was thrown may be anything, also something that throws when it is looked at. */
const describe = (error: unknown): string => {
  try {
    return String(error)
  } catch {
    return "unknown"
  }
}
