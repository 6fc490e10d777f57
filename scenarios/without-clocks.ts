import crypto from "node:crypto"

type Holder = Record<string, unknown>

/** Where time and chance of this machine come from. */
const sources: ReadonlyArray<readonly [holder: Holder, name: string, what: string]> = [
  [globalThis.Date as unknown as Holder, "now", "Date.now"],
  [globalThis.performance as unknown as Holder, "now", "performance.now"],
  [globalThis.Math as unknown as Holder, "random", "Math.random"],
  [globalThis as unknown as Holder, "setTimeout", "setTimeout"],
  [globalThis as unknown as Holder, "setInterval", "setInterval"],
  [globalThis as unknown as Holder, "setImmediate", "setImmediate"],
  [globalThis.crypto as unknown as Holder, "randomUUID", "crypto.randomUUID"],
  [globalThis.crypto as unknown as Holder, "getRandomValues", "crypto.getRandomValues"],
  [crypto as unknown as Holder, "randomUUID", "crypto.randomUUID"],
  [crypto as unknown as Holder, "randomBytes", "crypto.randomBytes"],
]

/**
 * Runs `body` with clocks, timers and randomness that throw: what is simulated may ask for none of them, or the same
 * seed would not give the same run. For threads that do nothing else; `body` has to be synchronous.
 */
export const withoutClocks = <A>(body: () => A): A => {
  const kept = sources.map(([holder, name]) => Object.getOwnPropertyDescriptor(holder, name))
  const before = sources.map(([holder, name]) => holder[name])
  for (const [holder, name, what] of sources) {
    const value = () => {
      throw new Error(`what is simulated asked for ${what}: time and chance come from the world alone`)
    }
    Object.defineProperty(holder, name, { value, configurable: true, writable: true })
  }
  try {
    return body()
  } finally {
    for (const [n, [holder, name]] of sources.entries()) {
      const own = kept[n]
      if (own !== undefined) Object.defineProperty(holder, name, own)
      else {
        delete holder[name]
        if (holder[name] !== before[n]) holder[name] = before[n]
      }
    }
  }
}
