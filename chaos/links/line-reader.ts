/** Puts lines together from chunks that are cut anywhere. A line keeps its newline. */
export const makeLineReader = () => {
  let parts: Array<string> = []
  const rest = (): string => {
    const text = parts.join("")
    parts = []
    return text
  }
  return {
    /** The lines that this chunk completes. */
    feed: (chunk: string): ReadonlyArray<string> => {
      const lines: Array<string> = []
      let from = 0
      for (let end = chunk.indexOf("\n") + 1; end > 0; end = chunk.indexOf("\n", from) + 1) {
        const last = from === 0 && end === chunk.length ? chunk : chunk.slice(from, end)
        lines.push(parts.length === 0 ? last : rest() + last)
        from = end
      }
      if (from < chunk.length) parts.push(from === 0 ? chunk : chunk.slice(from))
      return lines
    },
    /** What is there of a line that is not whole; it is taken out. */
    rest,
  }
}
