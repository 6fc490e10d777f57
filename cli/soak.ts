import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import pLimit from "p-limit"
import { UsageError } from "./usage-error.ts"

/** What is soaked: each provider's suites so many times, and one campaign of so long on each. */
export interface SoakPlan {
  readonly providers: ReadonlyArray<string>
  /** Every check so often; 0: no suites. */
  readonly suites: number
  /** Length of a campaign in milliseconds; 0: no campaigns. */
  readonly campaignMs: number
  readonly seed: number
}

/** One thing to run: the suites of a provider once, with a seed of their own, or its campaign. */
export interface SoakUnit {
  /** "suites 2 on mock": names it in the state file and in the table. */
  readonly name: string
  readonly kind: "suites" | "campaign"
  readonly provider: string
  readonly seed: number
}

/** How a unit ended. */
export interface SoakEnd {
  readonly name: string
  /** Exit code of its command. */
  readonly code: number
  readonly ms: number
  /** What its command said, in a line. */
  readonly said: string
}

/** The units of a soak, suites before campaigns, providers in turn. */
export const soakUnits = ({ providers, suites, campaignMs, seed }: SoakPlan): ReadonlyArray<SoakUnit> => [
  ...Array.from({ length: suites }, (_, nth) =>
    providers.map((provider): SoakUnit => {
      return { name: `suites ${nth + 1} on ${provider}`, kind: "suites", provider, seed: seed + nth }
    }),
  ).flat(),
  ...(campaignMs > 0 ? providers : []).map((provider): SoakUnit => {
    return { name: `campaign on ${provider}`, kind: "campaign", provider, seed }
  }),
]

interface SoakState {
  readonly schema: 1
  readonly plan: SoakPlan
  readonly done: ReadonlyArray<SoakEnd>
}

/**
 * What an earlier soak of this plan has done; nothing where there is no file. `UsageError` when the file is of
 * another plan or cannot be read: a soak of hours is not thrown away by a typing mistake.
 */
export const doneSoFar = (file: string, plan: SoakPlan): ReadonlyArray<SoakEnd> => {
  let text: string
  try {
    text = readFileSync(file, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`)
  }
  const again = `type --fresh to begin anew, or name another folder with --out DIR`
  let state: SoakState
  try {
    state = JSON.parse(text) as SoakState
  } catch {
    throw new UsageError(`${file} is no state of a soak; ${again}`)
  }
  if (state.schema !== 1 || !Array.isArray(state.done)) throw new UsageError(`${file} is no state of a soak; ${again}`)
  if (JSON.stringify(state.plan) !== JSON.stringify(plan)) {
    throw new UsageError(`${file} is of a soak with other options; ${again}`)
  }
  return state.done
}

/** Written beside its place and put there whole: whoever pulls the plug keeps what was done. */
const save = (file: string, state: SoakState): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.part`, `${JSON.stringify(state, undefined, 2)}\n`)
  renameSync(`${file}.part`, file)
}

/** What a soak runs with. */
export interface SoakOptions {
  readonly plan: SoakPlan
  readonly stateFile: string
  readonly done: ReadonlyArray<SoakEnd>
  readonly atOnce: number
  readonly signal: AbortSignal
  /** Runs one unit; what was ended by the signal is not done. */
  readonly runUnit: (unit: SoakUnit) => Promise<SoakEnd>
  readonly onEnd: (end: SoakEnd, left: number) => void
}

/** Runs the units that are not done yet, and gives all that are, in their order. */
export const soak = async (options: SoakOptions): Promise<ReadonlyArray<SoakEnd>> => {
  const { plan, stateFile, signal } = options
  const units = soakUnits(plan)
  const ends = new Map(options.done.map((end) => [end.name, end]))
  const inOrder = () => units.flatMap(({ name }) => ends.get(name) ?? [])
  const limit = pLimit(options.atOnce)
  const one = async (unit: SoakUnit): Promise<void> => {
    if (signal.aborted) return
    const end = await options.runUnit(unit)
    if (signal.aborted) return
    ends.set(unit.name, end)
    save(stateFile, { schema: 1, plan, done: inOrder() })
    options.onEnd(end, units.length - ends.size)
  }
  await Promise.all(units.filter(({ name }) => !ends.has(name)).map((unit) => limit(() => one(unit))))
  return inOrder()
}

/** The exit code of a whole: 3 before 1 before 2, as for a run. */
export const soakExit = (ends: ReadonlyArray<SoakEnd>): number => {
  const codes = new Set(ends.map(({ code }) => code))
  const known = ([3, 1, 2] as const).find((code) => codes.has(code))
  return known ?? ([...codes].every((code) => code === 0) ? 0 : 3)
}
