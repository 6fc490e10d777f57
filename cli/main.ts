import { parseInput } from "./command.ts"
import { commands } from "./commands.ts"
import { helpOf, helpOfAll } from "./help.ts"
import { drained, processIo, type Io } from "./io.ts"
import { didYouMean } from "./nearest.ts"
import { UsageError } from "./usage-error.ts"

/** Runs what was typed and gives the exit code. */
export const runCommandLine = async (argv: ReadonlyArray<string>, io: Io): Promise<number> => {
  try {
    const [first, ...rest] = argv
    if (first === "--help" || first === "-h" || first === "help") {
      io.out(helpOfAll(commands))
      return 0
    }
    const named = first !== undefined && !first.startsWith("-")
    const entry = named ? commands.find(({ name }) => name === first) : commands[0]
    if (entry === undefined) {
      const like = didYouMean(
        first ?? "",
        commands.map(({ name }) => name),
      )
      throw new UsageError(`unknown command "${first}"${like}; see "gauntlet --help"`)
    }
    const { command } = await entry.load()
    const words = named ? rest : argv
    if (words.includes("--help") || words.includes("-h")) {
      io.out(helpOf(command))
      return 0
    }
    return await command.run(parseInput(command, words, io))
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`gauntlet: ${error.message}\n`)
      return 2
    }
    io.err(
      `gauntlet: an error of the harness itself: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    )
    return 3
  }
}

/** The process: what a provider left behind in it must not keep it alive. */
export const main = async (argv: ReadonlyArray<string>): Promise<never> => {
  const code = await runCommandLine(argv, processIo())
  await drained()
  process.exit(code === 0 ? (process.exitCode ?? 0) : code)
}
