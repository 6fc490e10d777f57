/** Where a command writes, and what it may assume about the reader. */
export interface Io {
  /** Standard output: results. */
  readonly out: (text: string) => void
  /** Standard error: progress and mistakes. */
  readonly err: (text: string) => void
  /** Standard error is a terminal that can redraw lines. */
  readonly liveErr: boolean
  readonly colourOut: boolean
  readonly colourErr: boolean
  /** Characters in a line of standard output. */
  readonly columns: number
  readonly cwd: string
}

/**
 * The terminal or pipes that this process was started with. A reader that has gone is no error; results that could not
 * be written, on a full disk say, are said and make the exit code of a command that has no other one 3.
 */
export const processIo = (): Io => {
  const colour = (stream: NodeJS.WriteStream) =>
    stream.isTTY && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb"
  process.stderr.on("error", () => undefined)
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || process.exitCode !== undefined) return
    process.exitCode = 3
    process.stderr.write(`gauntlet: the results could not be written to standard output: ${error.message}\n`)
  })
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    liveErr: process.stderr.isTTY === true && process.env["TERM"] !== "dumb" && !process.env["CI"],
    colourOut: colour(process.stdout) === true,
    colourErr: colour(process.stderr) === true,
    columns: process.stdout.columns || 120,
    // pnpm runs scripts in the project's folder; paths are meant from where it was typed.
    cwd: (process.env["npm_lifecycle_event"] === "gauntlet" && process.env["INIT_CWD"]) || process.cwd(),
  }
}

/** Waits until what was written has left this process: an exit would cut a pipe short. */
export const drained = async (): Promise<void> => {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0 && !stream.destroyed)
      await new Promise<void>((resolve) => stream.write("", () => resolve()))
  }
  // That a write failed is told in a later turn.
  await new Promise((resolve) => setImmediate(resolve))
}
