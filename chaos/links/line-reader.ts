/** Puts lines together from chunks that are cut anywhere. A line keeps its newline. */
export const makeLineReader = () => {
  let parts: Array<string> = []
  const rest = (): string => parts.splice(0).join("")
  return {
    /** The lines that this chunk completes. */
    feed: (chunk: string): ReadonlyArray<string> => {
      if (!chunk.includes("\n")) {
        parts.push(chunk)
        return []
      }
      const lines = (rest() + chunk).split("\n")
      parts = [lines.pop() ?? ""]
      return lines.map((line) => `${line}\n`)
    },
    /** What is there of a line that is not whole; it is taken out. */
    rest,
  }
}
