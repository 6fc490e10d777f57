/**
 * Digest of a log that is one event longer: 16 hex digits over the digest so far and the event's text. It tells a
 * log from another one with the same numbers (a restored backend, a foreign cursor); it is no protection against
 * forgery. Two 32-bit lanes in the manner of MurmurHash's mixing, because it must be synchronous and cheap.
 */
export const chainDigest = (previous: string, text: string): string => {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  const absorb = (part: string): void => {
    for (let index = 0; index < part.length; index++) {
      const code = part.charCodeAt(index)
      high = Math.imul(high ^ code, 2654435761)
      low = Math.imul(low ^ code, 1597334677)
    }
  }
  absorb(previous)
  absorb(text)
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return hex(high) + hex(low)
}

const hex = (lane: number): string => (lane >>> 0).toString(16).padStart(8, "0")
