import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { asStated, type AsStated } from "../../scenarios/bugs/as-stated.ts"
import { bugsDir, knownBugs, type NamedScenario } from "../../scenarios/bugs/known-bugs.ts"
import { scenarioText } from "../../scenarios/scenario-text.ts"
import { plural } from "../../reports/headline.ts"
import { defineCommand } from "../command.ts"
import { fitsGlob } from "../glob.ts"
import { makeProgress } from "../progress.ts"
import { shows, type Replayed } from "../replayed.ts"
import { replayBugs, type BugsOnProvider, type Replays } from "../replay-bugs.ts"
import { listenForStop } from "../stop-signals.ts"
import { textTable } from "../text-table.ts"
import { UsageError } from "../usage-error.ts"

const flags = {
  provider: { value: "KEY", repeat: true, help: "only bugs of this provider" },
  times: { value: "N", integer: true, help: "how often each runs on the provider that has it (3)" },
  elsewhere: { help: "only the runs on the providers that do not have them" },
  write: { help: "write the rates that were measured into the files" },
  json: {
    help: "{ schema, bugs: [{ name, provider, times, reproduced, anomalies, verdict, elsewhere }] } on standard output",
  },
} as const

export const command = defineCommand({
  name: "bugs",
  summary: "every known bug again: it shows where it was found, and not elsewhere",
  args: ["[NAME…]"],
  flags,
  more: `The files of scenarios/bugs, or those whose names fit. Each runs on the provider that has the bug, and once on the one
that its file names as free of it. A bug that shows in one run of two and does not show in three says nothing yet: it is
told as not seen. Exit code 1: a bug that would have shown did not, or one showed where it is said not to be.`,
  examples: [
    ["gauntlet bugs --times 10", "all of them, ten times"],
    ["gauntlet bugs 'http-*' --times 5 --write", "measure some again"],
  ],
  run: async ({ args, flags: given, io }) => {
    const times = given.times ?? 3
    if (times === 0) throw new UsageError("--times 0 runs nothing; give 1 or more")
    if (given.write && given.elsewhere) throw new UsageError("--write and --elsewhere exclude each other")
    const chosen = chosenBugs(args, given.provider)
    const progress = makeProgress(io)
    const stop = listenForStop({ onStop: (why) => progress.say(`stopping (${why})`), onEndNow: () => undefined })
    try {
      const here = given.elsewhere ? [] : groups(chosen, ({ plan }) => plan.provider, times)
      const there = given.write ? [] : groups(chosen, ({ plan }) => plan.bug.passesOn, 1)
      const all = await replayBugs([...here, ...there], { stop, progress })
      progress.close()
      if (stop.signal.aborted) return 130
      const told = tellings(chosen, all.slice(0, here.length), all.slice(here.length))
      if (given.write) for (const one of told) writeRate(one)
      io.out(given.json ? `${JSON.stringify({ schema: 1, bugs: told.map(documented) }, undefined, 2)}\n` : tell(told))
      return exitOfBugs(told)
    } finally {
      progress.close()
      stop.close()
    }
  },
})

const chosenBugs = (
  patterns: ReadonlyArray<string>,
  providers: ReadonlyArray<string>,
): ReadonlyArray<NamedScenario> => {
  const all = knownBugs().filter(({ plan }) => providers.length === 0 || providers.includes(plan.provider))
  if (all.length === 0) throw new UsageError(`no bug of ${providers.join(", ")} is known; see "gauntlet list"`)
  const idle = patterns.find((pattern) => !all.some(({ name }) => fitsGlob(pattern, name)))
  if (idle !== undefined) throw new UsageError(`no file of scenarios/bugs fits "${idle}"; see "gauntlet list"`)
  return patterns.length === 0 ? all : all.filter(({ name }) => patterns.some((pattern) => fitsGlob(pattern, name)))
}

const groups = (
  scenarios: ReadonlyArray<NamedScenario>,
  keyOf: (one: NamedScenario) => string,
  times: number,
): ReadonlyArray<BugsOnProvider> =>
  [...Map.groupBy(scenarios, keyOf)].map(([key, group]) => ({ key, scenarios: group, times }))

/** What became of one bug: its runs where it was found, and the one elsewhere. Either is empty when it was not asked for. */
interface Told {
  readonly scenario: NamedScenario
  readonly runs: ReadonlyArray<Replayed>
  readonly shown: number
  readonly verdict: AsStated | "not-judged" | undefined
  readonly elsewhere: Replayed | undefined
}

const judged = ({ outcome }: Replayed): boolean => !["unknown", "unsupported", "harness-error"].includes(outcome)

const tellings = (
  scenarios: ReadonlyArray<NamedScenario>,
  here: ReadonlyArray<Replays>,
  there: ReadonlyArray<Replays>,
): ReadonlyArray<Told> =>
  scenarios.map((scenario) => {
    const { name, plan } = scenario
    const runs = here.flatMap((replays) => replays.get(name) ?? [])
    const shown = runs.filter((run) => shows(plan, run)).length
    const could = runs.filter(judged).length
    const verdict = runs.length === 0 ? undefined : could === 0 ? "not-judged" : asStated(plan.bug, shown, could)
    return { scenario, runs, shown, verdict, elsewhere: there.flatMap((replays) => replays.get(name) ?? [])[0] }
  })

const anomaliesOf = (runs: ReadonlyArray<Replayed>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...Map.groupBy(runs, ({ outcome, anomaly }) => anomaly ?? outcome)].map(([name, group]) => [name, group.length]),
  )

const documented = ({ scenario: { name, plan }, runs, shown, verdict, elsewhere }: Told) => ({
  name,
  provider: plan.provider,
  times: runs.length,
  reproduced: shown,
  anomalies: anomaliesOf(runs),
  verdict,
  elsewhere: elsewhere === undefined ? undefined : { provider: plan.bug.passesOn, ...elsewhere },
})

const words: Readonly<Record<AsStated | "not-judged", string>> = {
  "as-stated": "as stated",
  "not-seen": "not seen this time",
  "not-shown": "GONE: it should have shown",
  shows: "FAILS: it is said to pass",
  "not-stated": "no rate was stated yet",
  "not-judged": "not judged",
}

const tell = (told: ReadonlyArray<Told>): string => {
  const rows = told.map(({ scenario: { name, plan }, runs, shown, verdict, elsewhere }) => [
    name,
    plan.provider,
    runs.length === 0 ? "" : `${shown} of ${runs.length}`,
    Object.entries(anomaliesOf(runs))
      .map(([what, count]) => `${what} ${count}`)
      .join(", "),
    verdict === undefined ? "" : words[verdict],
    elsewhere === undefined ? "" : `${plan.bug.passesOn}: ${elsewhere.outcome}`,
  ])
  const reasons = told.flatMap(({ scenario, verdict, elsewhere, runs }) => [
    ...(verdict === "as-stated" || verdict === "not-stated" || verdict === undefined
      ? []
      : [`${scenario.name}: ${runs.at(-1)?.reason ?? "it passed"}`]),
    ...(elsewhere === undefined || elsewhere.outcome === "pass"
      ? []
      : [`${scenario.name} on ${scenario.plan.bug.passesOn}: ${elsewhere.reason ?? elsewhere.outcome}`]),
  ])
  return `${plural(told.length, "known bug")}\n${textTable(rows)}\n${reasons.map((reason) => `${reason}\n`).join("")}`
}

const writeRate = ({ scenario: { name, plan }, runs, shown }: Told): void => {
  if (runs.length === 0 || !runs.every(judged)) return
  writeFileSync(
    join(bugsDir, `${name}.json`),
    scenarioText({ ...plan, bug: { ...plan.bug, shown, runs: runs.length } }),
  )
}

const exitOfBugs = (told: ReadonlyArray<Told>): number => {
  const outcomes = told.flatMap(({ runs, elsewhere }) => [...runs, ...(elsewhere === undefined ? [] : [elsewhere])])
  if (outcomes.some(({ outcome }) => outcome === "harness-error")) return 3
  const wrong = ({ verdict, elsewhere }: Told) =>
    verdict === "not-shown" ||
    verdict === "shows" ||
    (elsewhere !== undefined && judged(elsewhere) && elsewhere.outcome !== "pass")
  if (told.some(wrong)) return 1
  const unsure = ({ verdict, elsewhere }: Told) =>
    verdict === "not-judged" || (elsewhere !== undefined && !judged(elsewhere))
  return told.some(unsure) ? 2 : 0
}
