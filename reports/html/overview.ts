import type { ProviderRun, Run } from "../../contract/run.ts"
import { escapeMarkup as esc } from "../escape.ts"
import { headlineOf } from "../headline.ts"
import { outcomeStyles } from "../outcomes.ts"

/** The head of the page, the verdict, and a card for each provider. */
export const overview = (run: Run): string => {
  const { tone, text } = headlineOf(run)
  const facts = [
    new Date(run.started).toUTCString(),
    `contract ${run.contract}`,
    `harness ${run.harness}`,
    seconds(run.ms),
  ]
  return (
    `<header><h1>Sync Gauntlet</h1><span class="facts">${facts.map(esc).join(" · ")}</span></header>` +
    `<p class="headline panel ${tone}">${esc(text)}</p>` +
    `<div class="cards">${run.runs.map(card).join("")}${run.unavailable.map(away).join("")}</div>`
  )
}

const card = (run: ProviderRun): string => {
  const used = outcomeStyles.toReversed().filter(({ member }) => run.summary[member] > 0)
  const bar = used.map(({ outcome, member }) => `<i class="o-${outcome}" style="flex:${run.summary[member]}"></i>`)
  const counts = used.map(
    ({ outcome, member, word, means }) =>
      `<li class="o-${outcome}" title="${esc(means)}"><b>${run.summary[member]}</b> ${word}</li>`,
  )
  return (
    `<section class="card panel"><h2>${esc(run.provider)}</h2>` +
    `<div class="soft">${esc(run.version)} · ${run.checks.length} checks in ${seconds(run.ms)}</div>` +
    `<div class="bar">${bar.join("")}</div><ul class="counts">${counts.join("")}</ul></section>`
  )
}

const away = ({ provider, missing }: Run["unavailable"][number]): string =>
  `<section class="card panel away"><h2>${esc(provider)}</h2><div class="soft">not available: ${esc(missing)}</div></section>`

const seconds = (ms: number): string =>
  ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`
