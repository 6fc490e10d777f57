import type { Command, FlagSpec } from "./command.ts"
import type { CommandEntry } from "./commands.ts"

const exitCodes = `Exit codes of a run of the suites; where the text above says otherwise, that holds
  0    everything as declared
  1    not conformant, or a listed deviation is stale
  2    something could not be judged (unknown, flaky), a named provider is not available, or a typing mistake
  3    an error of the harness itself
  130  interrupted
  The first of 130, 3, 1, 2 that applies wins.`

/** `gauntlet --help`. */
export const helpOfAll = (
  commands: ReadonlyArray<CommandEntry>,
): string => `gauntlet: conformance and chaos testing for sync providers

Usage
  gauntlet [run] [flags]         run the suites on every available provider
  gauntlet COMMAND [flags]       one of the commands below
  gauntlet COMMAND --help        what a command does, its flags and examples

  Typed as "pnpm gauntlet …", or "npx -y pnpm@12 gauntlet …" where pnpm is not installed.

Commands
${table(commands.map(({ name, summary }) => [name, summary]))}

Examples
${table([
  ["gauntlet", "every available provider, then the matrix and the path of the HTML report"],
  ["gauntlet --smoke", "a small selection, in about 10 s"],
  ["gauntlet run --provider mock --check 'push/*'", "one family of clauses on one provider"],
  ["gauntlet run --provider-file ./my-provider.ts", "the suites on a provider of your own"],
  ["gauntlet run --failed", "again what failed in the last run"],
  ["gauntlet explain push/atomic", "what a clause means and how it is checked"],
])}

${exitCodes}
`

/** `gauntlet COMMAND --help`. */
export const helpOf = (command: Command): string => {
  const flags = Object.entries(command.flags).map(([name, spec]) => [flagUsage(name, spec), spec.help] as const)
  const parts = [
    `gauntlet ${command.name}: ${command.summary}`,
    `Usage\n  gauntlet ${[command.name, ...command.args, ...(flags.length > 0 ? ["[flags]"] : [])].join(" ")}`,
    ...(flags.length > 0 ? [`Flags\n${table(flags)}`] : []),
    ...(command.more === undefined ? [] : [command.more]),
    `Examples\n${table(command.examples)}`,
    exitCodes,
  ]
  return `${parts.join("\n\n")}\n`
}

const flagUsage = (name: string, spec: FlagSpec): string =>
  `--${name}${spec.value === undefined ? "" : ` ${spec.value}`}${spec.repeat === true ? " …" : ""}`

const table = (rows: ReadonlyArray<readonly [string, string]>): string => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n")
}
