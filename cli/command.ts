import { parseArgs } from "node:util"
import type { Io } from "./io.ts"
import { didYouMean } from "./nearest.ts"
import { UsageError } from "./usage-error.ts"

/** A flag. `value` is the name of its value in the help; a flag without one is a switch. */
export interface FlagSpec {
  readonly value?: string
  readonly repeat?: boolean
  /** The value is a whole number, 0 or more. */
  readonly integer?: boolean
  /** The value is one of these. */
  readonly oneOf?: ReadonlyArray<string>
  readonly help: string
}
export type FlagSpecs = Readonly<Record<string, FlagSpec>>

type FlagValue<S extends FlagSpec> = S extends { readonly value: string }
  ? S extends { readonly repeat: true }
    ? ReadonlyArray<string>
    : S extends { readonly integer: true }
      ? number | undefined
      : string | undefined
  : boolean

/** What was given for each flag: a list, a number, a text, or whether the switch is there. */
export type FlagValues<F extends FlagSpecs> = { readonly [K in keyof F]: FlagValue<F[K]> }

/** One command of the command line. */
export interface Command<F extends FlagSpecs = FlagSpecs> {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** Names of positional arguments; all are required unless in brackets: "[DIR]", "[NAME…]" for any number. */
  readonly args: ReadonlyArray<string>
  readonly flags: F
  /** Paragraphs below the flags. */
  readonly more?: string
  readonly examples: ReadonlyArray<readonly [command: string, what: string]>
  /** Gives the exit code. Throws `UsageError` for what was typed wrong. */
  readonly run: (input: Input<F>) => Promise<number>
}

export interface Input<F extends FlagSpecs> {
  readonly flags: FlagValues<F>
  readonly args: ReadonlyArray<string>
  readonly io: Io
}

/** A command with its flags' types kept for its `run`. */
export const defineCommand = <const F extends FlagSpecs>(command: Command<F>): Command => command as unknown as Command

/** Reads what was typed after the command's name, or throws `UsageError`. */
export const parseInput = (command: Command, argv: ReadonlyArray<string>, io: Io): Input<FlagSpecs> => {
  const options = Object.fromEntries(
    Object.entries(command.flags).map(([name, spec]) => [
      name,
      { type: spec.value === undefined ? ("boolean" as const) : ("string" as const), multiple: true },
    ]),
  )
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true })
  const seen = new Map<string, Array<string>>()
  const args: Array<string> = []
  for (const token of tokens) {
    if (token.kind === "positional") args.push(token.value)
    if (token.kind === "option") {
      const { name, spec } = specOf(command, token.name, token.rawName)
      seen.set(name, [...(seen.get(name) ?? []), valueOf(command, token.rawName, spec, givenTo(token))])
    }
  }
  checkArgs(command, args)
  const flags = Object.fromEntries(
    Object.entries(command.flags).map(([name, spec]) => [name, typed(name, spec, seen.get(name) ?? [])]),
  )
  return { flags: flags as FlagValues<FlagSpecs>, args, io }
}

const specOf = (command: Command, name: string, rawName: string) => {
  const spec = command.flags[name]
  if (spec !== undefined) return { name, spec }
  const like = didYouMean(
    rawName,
    Object.keys(command.flags).map((known) => `--${known}`),
  )
  throw new UsageError(`unknown flag ${rawName}${like}; see "gauntlet ${command.name} --help"`)
}

/** The value of a flag; the flag behind it is not one. */
const givenTo = (token: { readonly value: string | undefined; readonly inlineValue: boolean | undefined }) =>
  token.inlineValue !== true && token.value?.startsWith("--") === true ? undefined : token.value

const valueOf = (command: Command, rawName: string, spec: FlagSpec, value: string | undefined): string => {
  if (spec.value === undefined) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value; type ${rawName} alone`)
    return ""
  }
  if (value === undefined || value === "") {
    throw new UsageError(`${rawName} needs a value: ${rawName} ${spec.value}; see "gauntlet ${command.name} --help"`)
  }
  if (spec.integer === true && !(/^\d+$/.test(value) && Number.isSafeInteger(Number(value)))) {
    throw new UsageError(`${rawName} needs a whole number, 0 or more, not "${value}"`)
  }
  if (spec.oneOf !== undefined && !spec.oneOf.includes(value)) {
    throw new UsageError(
      `${rawName} is one of ${spec.oneOf.join(", ")}, not "${value}"${didYouMean(value, spec.oneOf)}`,
    )
  }
  return value
}

const typed = (name: string, spec: FlagSpec, values: ReadonlyArray<string>): unknown => {
  if (spec.value === undefined) return values.length > 0
  if (spec.repeat === true) return values
  if (values.length > 1) throw new UsageError(`--${name} is given ${values.length} times; give it once`)
  return spec.integer === true && values[0] !== undefined ? Number(values[0]) : values[0]
}

const checkArgs = (command: Command, args: ReadonlyArray<string>): void => {
  const required = command.args.filter((name) => !name.startsWith("["))
  const missing = required[args.length]
  if (missing !== undefined) {
    throw new UsageError(`${missing} is missing; type "gauntlet ${command.name} ${command.args.join(" ")}"`)
  }
  const extra = args[command.args.length]
  if (extra === undefined || command.args.at(-1)?.endsWith("…]") === true) return
  const takes = command.args.length === 0 ? "no arguments" : command.args.join(" ")
  throw new UsageError(`unexpected "${extra}": gauntlet ${command.name} takes ${takes}`)
}
