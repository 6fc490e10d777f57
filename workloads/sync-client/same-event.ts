import type { EventEncoded } from "../../contract/event.ts"

/** Whether an event that was pulled is this pending one: every field, arguments as their JSON. */
export const sameEvent = (a: EventEncoded, b: EventEncoded): boolean =>
  a.seqNum === b.seqNum &&
  a.parentSeqNum === b.parentSeqNum &&
  a.name === b.name &&
  a.clientId === b.clientId &&
  a.sessionId === b.sessionId &&
  (a.args === b.args ||
    sameMembers(a.args, b.args) ||
    JSON.stringify(a.args) === JSON.stringify(b.args) ||
    jsonOf(a.args) === jsonOf(b.args))

/** Whether both have the same members in the same order, none of which is an object: most arguments are told so. */
const sameMembers = (a: unknown, b: unknown): boolean => {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false
  if (Object.getPrototypeOf(a) !== Object.prototype || Object.getPrototypeOf(b) !== Object.prototype) return false
  const keys = Object.keys(b)
  let n = 0
  for (const key in a) {
    const value = (a as Record<string, unknown>)[key]
    if (keys[n++] !== key || value !== (b as Record<string, unknown>)[key] || typeof value === "object") return false
  }
  return n === keys.length
}

/** Keys in order, so that what a backend does to their order does not matter. */
const jsonOf = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
