import type { Command } from "./command.ts"

/** One line of the command list; what a command needs is loaded when it is chosen. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<{ readonly command: Command }>
}

/** The commands, in the order of the help. The first is the default. */
export const commands: ReadonlyArray<CommandEntry> = [
  {
    name: "run",
    summary: "run the suites; the default: every available provider",
    load: () => import("./commands/run.ts"),
  },
  {
    name: "list",
    summary: "providers with availability, checks, faults, mutants, scenarios",
    load: () => import("./commands/list.ts"),
  },
  {
    name: "explain",
    summary: "what a clause means, how it is checked and how it ended last",
    load: () => import("./commands/explain.ts"),
  },
  {
    name: "sim",
    summary: "simulation: drawn workloads and faults in the virtual world",
    load: () => import("./commands/sim.ts"),
  },
  {
    name: "chaos",
    summary: "a campaign: faults and workloads against a real provider",
    load: () => import("./commands/chaos.ts"),
  },
  {
    name: "replay",
    summary: "run a saved plan again",
    load: () => import("./commands/replay.ts"),
  },
  {
    name: "bugs",
    summary: "every known bug again: it shows where it was found, and not elsewhere",
    load: () => import("./commands/bugs.ts"),
  },
  {
    name: "scenario",
    summary: "a scenario to start from: empty, or what the record of a check shows",
    load: () => import("./commands/scenario.ts"),
  },
  {
    name: "report",
    summary: "make the reports of a saved run again",
    load: () => import("./commands/report.ts"),
  },
  {
    name: "diff",
    summary: "what changed between two saved runs",
    load: () => import("./commands/diff.ts"),
  },
  {
    name: "merge",
    summary: "shards into one: runs, campaigns, simulations",
    load: () => import("./commands/merge.ts"),
  },
  {
    name: "rejudge",
    summary: "judge the history of a saved run again",
    load: () => import("./commands/rejudge.ts"),
  },
  {
    name: "deviations",
    summary: "known failures: list them, or write those of the last run",
    load: () => import("./commands/deviations.ts"),
  },
  {
    name: "mutants",
    summary: "the kill matrix: every planted bug against the checks of its family",
    load: () => import("./commands/mutants.ts"),
  },
  {
    name: "soak",
    summary: "the suites many times and long campaigns, two at a time; goes on where it was stopped",
    load: () => import("./commands/soak.ts"),
  },
  {
    name: "init",
    summary: "a provider file to start from",
    load: () => import("./commands/init.ts"),
  },
  {
    name: "bench",
    summary: "benchmarks",
    load: () => import("./commands/bench.ts"),
  },
]
