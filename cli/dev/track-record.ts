import { readFileSync, writeFileSync } from "node:fs"
import { knownBugs, type NamedScenario } from "../../scenarios/bugs/known-bugs.ts"

/** Where the track record is kept, between its two marks. */
export const readmeUrl = new URL("../../README.md", import.meta.url)

const opening = "<!-- track record: written by `node cli/dev/track-record.ts` from scenarios/bugs -->"
const closing = "<!-- end of the track record -->"

const rateOf = ({ plan: { bug } }: NamedScenario): string => `${bug.shown} of ${bug.runs}`

/** "@livestore/sync-cf@0.4.0 workerd 1.20260730.1" without the platform's. */
const versionOf = ({ plan }: NamedScenario): string => plan.version?.split(" ")[0]?.split("@").at(-1) ?? ""

const row = (scenario: NamedScenario): string => {
  const { name, plan } = scenario
  const where = [`\`${plan.provider}\``, versionOf(scenario)].filter((word) => word !== "").join(" ")
  const seen = `${plan.expect?.anomaly ?? "any"}, ${rateOf(scenario)}`
  return `| ${plan.title} | ${where} | ${plan.bug.foundBy} | ${seen} | \`${name}\` |`
}

/** The section: what was found, where, by what, how often it shows, and the name by which it is run again. */
const renderTrackRecord = (): string => {
  const all = knownBugs()
  const found = all.filter(({ plan }) => plan.bug.shown > 0)
  const passing = all.filter(({ plan }) => plan.bug.shown === 0)
  return [
    opening,
    "## Track record",
    `${found.length} bugs, each a file \`scenarios/bugs/NAME.json\` that \`npx -y pnpm@12 gauntlet replay\` runs; \`npx -y pnpm@12 gauntlet bugs NAME\` runs it on the provider where it was found, and on one that does not have it. The rate says in how many of so many runs it showed; the \`weak-…\` are backends built with one known weakness.`,
    [
      "| bug | provider and version | found by | anomaly, rate | name |",
      "| --- | --- | --- | --- | --- |",
      ...found.map(row),
    ].join("\n"),
    ...(passing.length === 0
      ? []
      : [
          `Scenarios of LiveStore's own list that its provider passes: ${passing
            .map((one) => `\`${one.name}\` (failed in ${rateOf(one)} runs)`)
            .join(", ")}.`,
        ]),
    closing,
  ].join("\n\n")
}

/** The README with the section as it has to be; throws when it has no place for it. */
export const withTrackRecord = (readme: string): string => {
  const from = readme.indexOf(opening)
  const to = readme.indexOf(closing)
  if (from === -1 || to < from) throw new Error(`README.md needs the two lines ${opening} and ${closing}`)
  return readme.slice(0, from) + renderTrackRecord() + readme.slice(to + closing.length)
}

if (import.meta.main) writeFileSync(readmeUrl, withTrackRecord(readFileSync(readmeUrl, "utf8")))
