/** Pushes that are remembered: more than are on their way at any time, 1 MB at most. */
const rememberedAtMost = 10_000

/**
 * Notices a push that comes a second time, by the name of its client's connection and its id. It works from memory:
 * what resends a request does so while it is on its way, not an object's life later.
 */
export const repeatedPushes = (): ((link: string, id: number) => boolean) => {
  const seen = new Set<string>()
  return (link, id) => {
    const key = `${link} ${id}`
    if (seen.has(key)) return true
    seen.add(key)
    if (seen.size > rememberedAtMost) seen.delete(seen.values().next().value as string)
    return false
  }
}
