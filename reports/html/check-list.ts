import { clauseById } from "../../contract/catalogue/index.ts"
import type { CheckResult, Run } from "../../contract/run.ts"
import { escapeMarkup as esc } from "../escape.ts"
import { byGravity, outcomeStyles, styleOf } from "../outcomes.ts"
import { timelineKey, type Timelines } from "../timeline/read-timelines.ts"
import { timelineSvg } from "../timeline/svg.ts"

/** How much of a page timelines may take together, in characters; the gravest checks have theirs first. */
export const timelineBudget = 1_200_000

/** Every check with filters; whatever is no pass unfolds into its argument, its command and its timeline. */
export const checkList = (run: Run, timelines: Timelines): string => {
  const entries = run.runs
    .flatMap(({ provider, checks }) => checks.map((check) => ({ provider, check })))
    .sort((a, b) => byGravity(a.check, b.check))
  const draw = drawer(timelines)
  const rows = entries.map(({ provider, check }) => item(provider, check, draw))
  return (
    `<h2 id="checks">Checks</h2>${filters(run)}` +
    `<div class="checks panel">${rows.join("")}<div id="nothing" class="none"${rows.length > 0 ? " hidden" : ""}>No check fits.</div></div>`
  )
}

const filters = (run: Run): string => {
  const all = run.runs.flatMap(({ checks }) => checks)
  const chips = outcomeStyles.flatMap(({ outcome, word }) => {
    const count = all.filter((check) => check.outcome === outcome).length
    if (count === 0) return []
    return [
      `<button class="chip o-${outcome}" data-chip="${outcome}" aria-pressed="false"><b>${count}</b> ${word}</button>`,
    ]
  })
  const options = run.runs.map(({ provider }) => `<option>${esc(provider)}</option>`)
  return (
    `<div class="filters">${chips.join("")}` +
    `<select id="provider" aria-label="provider"><option value="">all providers</option>${options.join("")}</select>` +
    `<input id="words" type="search" placeholder="check, anomaly or words of the reason" aria-label="words"></div>`
  )
}

type Draw = (provider: string, check: CheckResult) => string

const drawer = (timelines: Timelines): Draw => {
  let left = timelineBudget
  return (provider, check) => {
    const records = timelines.get(timelineKey(provider, check.id))
    if (records === undefined || records.length === 0) return ""
    const svg = timelineSvg(records, check.anomalies[0]?.records ?? [])
    if (svg.length > left) {
      return `<p class="soft">The timeline is left out to keep this page small; history.ndjson beside it has every record.</p>`
    }
    left -= svg.length
    return `<h3>What happened</h3><div class="scroll">${svg}</div>${keys}`
  }
}

const colours = [
  ["pass", "ok"],
  ["should-fail", "refused"],
  ["deviation", "indefinite"],
  ["fail", "stuck or defect"],
  ["unknown", "still open"],
  ["unsupported", "interrupted"],
] as const

const signs = [
  ["soft", "│", "page delivered"],
  ["flaky", "◆", "fault, process, life"],
  ["accent", "◆", "final log"],
  ["fail", "◆", "finding"],
  ["soft", "◆", "note"],
  ["soft", "● ○", "connected, disconnected"],
  ["fail", "1 2", "what the first anomaly argues from"],
] as const

/** The legend of a timeline. */
const keys = `<div class="keys">${[
  ...colours.map(([colour, word]) => `<span><i style="--c:var(--${colour})"></i>${word}</span>`),
  ...signs.map(([colour, sign, word]) => `<span><b style="--c:var(--${colour})">${sign}</b> ${word}</span>`),
].join("")}</div>`

const item = (provider: string, check: CheckResult, draw: Draw): string => {
  const { outcome } = check
  const text = [check.id, check.clause, check.level, check.anomaly ?? "", check.reason ?? "", ...check.verifies]
    .join(" ")
    .toLowerCase()
  const data = `data-outcome="${outcome}" data-provider="${esc(provider)}" data-text="${esc(outcome === "pass" ? check.id : text)}"`
  if (outcome === "pass") return `<div class="row o-pass" ${data}>${cells(provider, check)}</div>`
  return (
    `<details class="o-${outcome}" ${data}><summary class="row">${cells(provider, check)}</summary>` +
    `<div class="body">${body(check)}${draw(provider, check)}</div></details>`
  )
}

const cells = (provider: string, check: CheckResult): string => {
  const { sign, word } = styleOf(check.outcome)
  const anomaly = check.anomaly === undefined ? "" : `<b>${esc(check.anomaly)}</b> `
  const level = check.level === "SHOULD" ? "<em>SHOULD</em>" : ""
  const subject = check.subject === "provider" ? "" : `<em>${check.subject}</em>`
  return (
    `<span class="what">${sign} ${word}</span><span class="who">${esc(provider)}</span>` +
    `<span class="id"><code>${esc(check.id)}</code>${level}${subject}</span>` +
    `<span class="why">${anomaly}${esc(check.reason ?? "")}</span><span class="ms">${tellMs(check.ms)}</span>`
  )
}

/** The contract's own text, with `code` as such. */
const withCode = (text: string): string => esc(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>")

const tellMs = (ms: number): string => (ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`)

const body = (check: CheckResult): string => {
  const clause = clauseById(check.clause)
  const verifies = check.verifies.length === 0 ? "" : ` Verifies ${esc(check.verifies.join(", "))}.`
  const told = check.anomalies.map(({ name, sentence }) => `<li><b>${esc(name)}</b> ${esc(sentence)}</li>`)
  const more =
    check.found > check.anomalies.length
      ? `<li class="soft">${check.found} were found; these are the most telling.</li>`
      : ""
  const reasonIsTold = check.anomalies.some(({ sentence }) => sentence === check.reason)
  return (
    `<p class="promise">${check.level} ${esc(check.clause)}: ${withCode(clause?.sentence ?? "no such clause in this contract")}${verifies}</p>` +
    (reasonIsTold ? "" : `<p class="reason">${esc(check.reason ?? "")}</p>`) +
    (told.length === 0 ? "" : `<ul class="argument">${told.join("")}${more}</ul>`) +
    (check.log === undefined ? "" : `<pre class="log">${esc(check.log.join("\n"))}</pre>`) +
    `<div class="again"><code>${esc(check.replay)}</code><button class="copy" type="button">copy</button></div>`
  )
}
