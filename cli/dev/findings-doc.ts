import { existsSync, writeFileSync } from "node:fs"
import type { Deviation } from "../../contract/deviation.ts"
import { deviations } from "../../providers/deviations/deviations.ts"
import { readAppEffects, tellEffect } from "../../providers/livestore-host/app-effects.ts"
import { findings, type Finding } from "../../providers/livestore-host/findings.ts"
import { readShown } from "../../providers/livestore-host/shown.ts"

/** Where the page about failures of LiveStore's published packages is kept. */
export const findingsDocUrl = new URL("../../docs/findings-livestore-0.4.0.md", import.meta.url)

const folder = "providers/livestore/demonstrations"

const rateOf = ({ rate }: Deviation): string => (rate === "always" ? "always" : `${Math.round(rate * 100)} %`)

/** How often the script showed it when it was tried so often. */
const rounds = ({ demonstration }: Finding): string => {
  const counted = readShown()[demonstration]
  return counted === undefined ? "" : ` (showed in ${counted.shown} of ${counted.of} rounds)`
}

/** The checks of one provider that show a finding, with their rates. */
const line = (provider: string, shown: ReadonlyArray<Deviation>): string =>
  `| \`${provider}\` | ${shown.map((one) => `\`${one.check}\` (${rateOf(one)})`).join(", ")} |`

const section = (finding: Finding, deviations: ReadonlyArray<Deviation>, at: number): string => {
  const script = `${folder}/${finding.demonstration}.ts`
  const shown = deviations.filter(({ demonstration }) => demonstration === script)
  const providers = [...new Set(shown.map(({ provider }) => provider))]
  const table = providers.map((provider) =>
    line(
      provider,
      shown.filter((one) => one.provider === provider),
    ),
  )
  return [
    `## ${at + 1}. ${finding.what}`,
    `See it: \`node ${script}\`${rounds(finding)}`,
    ...asScenario(finding),
    ...(finding.doubtful === undefined ? [] : [`Doubtful: ${finding.doubtful}`]),
    `In LiveStore's source: ${finding.source.map((place) => `\`${place}\``).join("; ")}.`,
    ...(finding.mended === undefined ? [] : [`Without it: ${finding.mended}`]),
    ...inAnApp(finding),
    table.length === 0
      ? "No check of the suites fails of it; the script alone shows it."
      : ["| provider | checks that fail of it, and how often |", "| --- | --- |", ...table].join("\n"),
  ].join("\n\n")
}

/** The file that runs a check of it again and says how often it was seen, where there is one. */
const asScenario = ({ demonstration }: Finding): ReadonlyArray<string> => {
  const path = `scenarios/bugs/${demonstration}.json`
  if (!existsSync(new URL(`../../${path}`, import.meta.url))) return []
  return [`As a scenario: \`gauntlet replay ${path}\`.`]
}

/** What real stores showed of it, where that was tried ([docs/app-effects.md](../../docs/app-effects.md)). */
const inAnApp = ({ demonstration, unnoticed }: Finding): ReadonlyArray<string> => [
  ...readAppEffects()
    .filter(({ finding }) => finding === demonstration)
    .map((one) => `What it does to [an app](app-effects.md) when ${one.what}: ${tellEffect(one)}.`),
  ...(unnoticed === undefined ? [] : [`Why it counts all the same: ${unnoticed}`]),
]

/** The page: what fails, how to see it, how often, on which transports and storages, and where in LiveStore's source. */
export const renderFindings = (): string => {
  const listed = deviations.filter(({ provider }) => provider.startsWith("livestore-"))
  const builds = [...new Set(listed.map(({ fingerprint }) => fingerprint))]
  return `${[
    "# Findings in LiveStore 0.4.0",
    "<!-- Generated from providers/deviations/listed and providers/livestore-host/findings.ts by `node cli/dev/findings-doc.ts`. Change it there. -->",
    `${findings.length} failures of the published packages, unmodified, held against [the contract](contract.md). Each has a script that shows it without the harness and ends with exit code 0 when it does. With \`--times N\` it tries N times and says how often it did. A check that fails "always" failed in every run; a percentage is how often it did where timing decides.`,
    `Builds: ${builds.map((build) => `\`${build}\``).join(", ")}. To see a check fail again: \`gauntlet run --provider KEY --check CHECK\`.`,
    ...findings.map((finding, at) => section(finding, listed, at)),
  ].join("\n\n")}\n`
}

if (import.meta.main) writeFileSync(findingsDocUrl, renderFindings())
