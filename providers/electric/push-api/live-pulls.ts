/** How long a live pull that asks for nothing is still counted, in milliseconds: between two requests there is a gap. */
const graceMs = 2_000

interface LivePull {
  readonly key: string
  requests: number
  seenAtMs: number
}

/** The live pulls that are open, as far as requests tell: each names its pull. */
export interface LivePulls {
  /** It began; it is counted from here on. */
  readonly began: (id: string, key: string) => void
  /** A request of it is under way. The result is called at its end: whether it was answered whole. */
  readonly asks: (id: string, key: string) => (answered: boolean) => void
  readonly count: (key: string) => number
  readonly forget: () => void
}

export const livePulls = (nowMs: () => number = () => performance.now()): LivePulls => {
  const pulls = new Map<string, LivePull>()
  const isOpen = ({ requests, seenAtMs }: LivePull): boolean => requests > 0 || nowMs() - seenAtMs < graceMs
  const drop = (): void => {
    for (const [id, pull] of pulls) if (!isOpen(pull)) pulls.delete(id)
  }
  const seen = (id: string, key: string): LivePull => {
    const pull = pulls.get(id) ?? { key, requests: 0, seenAtMs: 0 }
    pull.seenAtMs = nowMs()
    pulls.set(id, pull)
    return pull
  }
  return {
    began: (id, key) => {
      drop()
      seen(id, key)
    },
    asks: (id, key) => {
      const pull = seen(id, key)
      pull.requests += 1
      return (answered) => {
        pull.requests -= 1
        pull.seenAtMs = nowMs()
        // Who gives up a request that is held has ended.
        if (!answered && pull.requests === 0) pulls.delete(id)
      }
    },
    count: (key) => {
      drop()
      return [...pulls.values()].filter((pull) => pull.key === key).length
    },
    forget: () => pulls.clear(),
  }
}
