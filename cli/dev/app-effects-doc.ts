import { writeFileSync } from "node:fs"
import { findings } from "../../providers/livestore-host/findings.ts"
import { readAppEffects, tellEffect } from "../../providers/livestore-host/app-effects.ts"
import type { AppRecord } from "../../providers/livestore/stores/app-case.ts"
import { mutants } from "../../providers/mutants/index.ts"

/** Where the page is kept about what backends that fail do to an app. */
export const appEffectsDocUrl = new URL("../../docs/app-effects.md", import.meta.url)

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n")

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ")

const findingOf = ({ finding }: AppRecord): string =>
  findings.find(({ demonstration }) => demonstration === finding)?.what ?? ""

const plantedIn = ({ mutant }: AppRecord): string => mutants.find(({ id }) => id === mutant)?.title ?? "no planted bug"

/** The page: findings, LiveStore's own suspicions and planted bugs, and what an app shows of each. */
export const renderAppEffects = (): string => {
  const records = readAppEffects()
  const ofFindings = records.filter(({ finding }) => finding !== undefined)
  const ofSuspicions = records.filter(({ suspicion }) => suspicion !== undefined)
  const ofMutants = records.filter(({ finding, suspicion }) => finding === undefined && suspicion === undefined)
  return `${[
    "# What it does to an app",
    "<!-- Generated from providers/livestore-host/app-effects.json by `node cli/dev/app-effects-doc.ts`. The observations come from `node cli/dev/app-effects.ts`. -->",
    "Real stores of `@livestore/livestore` 0.4.0 with its Node adapter run a small chat (`providers/livestore/stores/`) of two to four apps, each on files of its own, with LiveStore's defaults for errors. Something happens to them; then each says one last thing, and at least 15 seconds later, unless all is well before, a program looks at what each shows. Then every app is closed and opened again, and the program looks once more. `node cli/dev/app-effects.ts WORD` runs the cases again whose names hold the word.",
    "## Findings in LiveStore's providers",
    "The failures of [the published packages](findings-livestore-0.4.0.md), as far as an app can meet them.",
    table(
      ["case", "finding", "what happens", "what the app's people notice"],
      ofFindings.map((one) => [`\`${one.id}\` (${one.over})`, findingOf(one), one.what, tellEffect(one)]),
    ),
    "## What LiveStore's own list suspects",
    "Tried over the reference mock, a healthy backend.",
    table(
      ["case", "suspicion", "what happens", "what the app's people notice"],
      ofSuspicions.map((one) => [`\`${one.id}\``, one.suspicion ?? "", one.what, tellEffect(one)]),
    ),
    "## Planted bugs",
    "The mock with one thing wrong, under the same apps. Where nothing is noticed, either the case does not meet the bug, or LiveStore's store makes up for it: it holds what it pushed until it has pulled it, and pushes it again. What is noticed is that of one run where no number stands beside it.",
    table(
      ["planted bug", "what is wrong", "what happens", "what the app's people notice"],
      ofMutants.map((one) => [
        one.mutant === undefined ? `\`${one.id}\`` : `\`${one.mutant}\``,
        plantedIn(one),
        one.what,
        tellEffect(one),
      ]),
    ),
  ]
    .map((part) => part.trim())
    .join("\n\n")}\n`
}

if (import.meta.main) writeFileSync(appEffectsDocUrl, renderAppEffects())
