/**
 * Keyed draws: each is a hash of the seed and of the name of what it decides, so that taking one step out of a
 * plan leaves every other draw as it was. FNV-1a over the key, finished by murmur3's mixer; 32 bits, the same on
 * every machine.
 */
export const hash32 = (seed: number, key: string): number => {
  let h = 0x811c9dc5 ^ seed
  for (let index = 0; index < key.length; index++) {
    h ^= key.charCodeAt(index)
    h = Math.imul(h, 0x01000193)
  }
  return mix32(h)
}

/** Spreads 32 bits: neighbours end far apart. */
export const mix32 = (value: number): number => {
  let h = value | 0
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  h ^= h >>> 16
  return h >>> 0
}

/** A whole number from 0 to `below` - 1, decided by the seed and the key. */
export const draw = (seed: number, key: string, below: number): number => (below <= 1 ? 0 : hash32(seed, key) % below)
