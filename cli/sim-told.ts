import type { StepsPlan } from "../contract/scenario.ts"
import { plural } from "../reports/headline.ts"
import type { SimResult } from "../scenarios/sim-pool.ts"
import { states } from "../scenarios/states.ts"

/** A failing seed as `sim --json` tells it; the members after `sentence` where it was made small. */
export interface ToldFailure {
  readonly seed: number
  /** The anomaly, or how the seed ended where there is none. */
  readonly anomaly: string
  readonly sentence: string
  readonly steps?: number
  readonly faults?: number
  /** The scenario's file. */
  readonly scenario?: string
  /** The command that replays it. */
  readonly replay?: string
}

/** What `sim --json` says. */
export interface SimDocument {
  readonly schema: 1
  readonly seeds: number
  readonly failures: ReadonlyArray<ToldFailure>
  readonly seedsPerMinute: number
  readonly faultsReached: ReadonlyArray<string>
  readonly faultsMissed: ReadonlyArray<string>
  readonly statesMissed: ReadonlyArray<string>
}

/** A simulation's result as a document. `saved` gives the path of a scenario's file, by seed. */
export const simDocument = (
  { done, failures, offered, reached }: SimResult,
  saved: ReadonlyMap<number, string>,
  seedsPerMinute: number,
): SimDocument => {
  const faultsReached = offered.filter((kind) => (reached.bit[kind] ?? 0) > 0)
  return {
    schema: 1,
    seeds: done,
    failures: failures.map(({ seed, name, sentence, scenario }) => {
      const path = saved.get(seed)
      const told = { seed, anomaly: name, sentence: scenario?.title ?? sentence }
      if (scenario === undefined || path === undefined) return told
      const small = { steps: scenario.steps.length, faults: scenario.faults.length }
      return { ...told, ...small, scenario: path, replay: `npx -y pnpm@12 gauntlet replay ${path}` }
    }),
    seedsPerMinute,
    faultsReached,
    faultsMissed: offered.filter((kind) => !faultsReached.includes(kind)),
    statesMissed: Object.keys(states).filter((name) => (reached.states[name] ?? 0) === 0),
  }
}

/** Seeds of a name that are listed; the others are counted. */
const listedSeeds = 8

const seedsOf = (seeds: ReadonlyArray<number>): string => {
  const listed = seeds.slice(0, listedSeeds).join(", ")
  return seeds.length > listedSeeds ? `${listed} and ${seeds.length - listedSeeds} more` : listed
}

/** What a scenario holds, in words: "2 clients, 3 steps, 1 fault (kill)". */
const sizeOf = ({ clients, steps, faults, preemptions = [] }: StepsPlan): string => {
  const kinds = [...new Set(faults.map(({ fault }) => fault.kind))].join(", ")
  return [
    plural(clients.length, "client"),
    steps.length === 0 ? "no step but everybody's last push" : plural(steps.length, "step"),
    faults.length === 0 ? "no fault" : `${plural(faults.length, "fault")} (${kinds})`,
    ...(preemptions.length === 0 ? [] : [plural(preemptions.length, "preemption")]),
  ].join(", ")
}

/** All failures of one name, as a paragraph. */
const paragraph = (name: string, document: SimDocument, result: SimResult, again: string): string => {
  const own = document.failures.filter(({ anomaly }) => anomaly === name)
  const small = own.find(({ scenario }) => scenario !== undefined)
  const { seed, sentence, scenario: path, replay } = small ?? own[0]!
  const scenario = result.failures.find((failure) => failure.seed === seed)?.scenario
  const head = `${name} in ${plural(own.length, "seed")}: ${seedsOf(own.map((failure) => failure.seed))}\n  ${sentence}\n`
  if (scenario === undefined) return `${head}  not made small; run it again: ${again} --start ${seed} --seeds 1\n`
  return `${head}  seed ${seed} made small: ${sizeOf(scenario)}\n  ${path}\n  ${replay}\n`
}

const counted = (counts: Readonly<Record<string, number>>, names: ReadonlyArray<string>): string =>
  names.map((name) => `${name} ${counts[name] ?? 0}`).join(", ")

/** A simulation's result for people: what failed, how often, why and how to see it again; then what was reached. */
export const simText = (document: SimDocument, result: SimResult, target: string): string => {
  const { failures, seeds, seedsPerMinute, faultsReached, faultsMissed, statesMissed } = document
  const often = new Map<string, number>()
  for (const { anomaly } of failures) often.set(anomaly, (often.get(anomaly) ?? 0) + 1)
  const names = [...often.keys()].sort((a, b) => often.get(b)! - often.get(a)!)
  const again = `npx -y pnpm@12 gauntlet sim${target}`
  const ended = failures.length === 0 ? "none failed" : `${failures.length} failed`
  return [
    ...names.map((name) => `\n${paragraph(name, document, result, again)}`),
    `\n${plural(seeds, "seed")}, ${ended}, ${seedsPerMinute} seeds a minute\n`,
    `Faults that bit, by seeds: ${counted(result.reached.bit, faultsReached) || "none"}\n`,
    ...(faultsMissed.length === 0 ? [] : [`Faults that never bit: ${faultsMissed.join(", ")}\n`]),
    statesMissed.length > 0
      ? `States that were not reached: ${statesMissed.join("; ")}\n`
      : `All ${Object.keys(states).length} states of interest were reached\n`,
  ].join("")
}
