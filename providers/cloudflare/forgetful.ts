import type { LogHead } from "./core/log-store.ts"
import type { Seams } from "./core/seams.ts"

/** Heartbeats that name no new head: what news did not tell nobody is told. */
export const namesNoNewHead = (): Seams["announce"] => {
  let announced: LogHead | undefined
  return (head) => (announced ??= { ...head, seqNum: 0 })
}

/** A planted bug: an object that wakes has no subscriptions, and heartbeats that name no new head tell nobody. */
export const forgetsSubscriptions = (fire: () => void): Partial<Seams> => ({
  wake: (connections) => {
    for (const connection of connections()) {
      const state = connection.state()
      if (state.live === 0) continue
      fire()
      connection.keep({ ...state, live: 0 })
    }
  },
  announce: namesNoNewHead(),
})
