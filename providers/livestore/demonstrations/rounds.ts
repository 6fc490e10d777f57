/** How often a script tries: `--times N` among its words, else once. */
const timesAsked = (words: ReadonlyArray<string>): number => {
  const at = words.indexOf("--times")
  return at === -1 ? 1 : Math.max(1, Number(words[at + 1]))
}

/** How long what a round leaves open may take to close, in milliseconds. */
const closeMs = 1_000

/** What a round opened: closed when it is over, or left behind when that takes long. */
export const closing = () => {
  const opened: Array<{ readonly close: () => Promise<void> }> = []
  return {
    keep: async <A extends { readonly close: () => Promise<void> }>(opening: Promise<A>): Promise<A> => {
      const one = await opening
      opened.push(one)
      return one
    },
    close: async (): Promise<void> => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, closeMs))
      await Promise.race([Promise.allSettled(opened.map((one) => one.close())), late])
    },
  }
}

/**
 * Tries once, or as often as the command line says, and sets the exit code: 0 when the failure
 * showed (`round` gives true), 1 when it never did.
 */
export const inRounds = async (round: (n: number) => Promise<boolean>): Promise<void> => {
  const times = timesAsked(process.argv)
  let shown = 0
  for (let n = 0; n < times; n += 1) {
    const shows = await round(n)
    shown += shows ? 1 : 0
    console.log(shows ? "The failure shows." : "The failure does not show.")
  }
  if (times > 1) console.log(`It showed in ${shown} of ${times} rounds.`)
  process.exitCode = shown > 0 ? 0 : 1
}
