import type { EventEncoded } from "../../contract/event.ts"

/** Whether an event that was pulled is this pending one: every field, arguments as their JSON. */
export const sameEvent = (a: EventEncoded, b: EventEncoded): boolean =>
  a.seqNum === b.seqNum &&
  a.parentSeqNum === b.parentSeqNum &&
  a.name === b.name &&
  a.clientId === b.clientId &&
  a.sessionId === b.sessionId &&
  (a.args === b.args || JSON.stringify(a.args) === JSON.stringify(b.args) || jsonOf(a.args) === jsonOf(b.args))

/** Keys in order, so that what a backend does to their order does not matter. */
const jsonOf = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
