import { clauseById } from "../../contract/catalogue/index.ts"
import type { ProviderRun, Run } from "../../contract/run.ts"
import { bills } from "../bills.ts"
import { escapeMarkup as esc } from "../escape.ts"

/** What a reader asks next: stale lists, strays, what is missing, what was declared, what resets cost. */
export const appendix = (run: Run): string =>
  [
    notes("Stale deviations", "They fail the run until the list is written again.", perProvider(run, "stale")),
    notes(
      "Stray defects",
      "Defects and unhandled rejections that no single check could be blamed for.",
      perProvider(run, "strays"),
    ),
    notes(
      "What would unlock more",
      "Parts of a host that are not offered; their clauses are unknown.",
      perProvider(run, "unlock"),
    ),
    withoutCheck(run),
    capabilities(run),
    resets(run),
    costs(run),
  ].join("")

const perProvider = (run: Run, member: "stale" | "strays" | "unlock"): ReadonlyArray<string> =>
  run.runs.flatMap((one) => one[member].map((line) => `${one.provider}: ${line}`))

const notes = (title: string, about: string, lines: ReadonlyArray<string>): string =>
  lines.length === 0
    ? ""
    : `<h2>${title}</h2><p class="soft">${about}</p><ul class="notes panel">${lines.map((line) => `<li>${esc(line)}</li>`).join("")}</ul>`

const withoutCheck = (run: Run): string => {
  const clauses = [...new Set(run.runs.flatMap(({ clausesWithoutCheck }) => clausesWithoutCheck))]
  return notes(
    "Clauses without a check",
    "Nothing in the suites says whether these hold.",
    clauses.map((id) => `${id}: ${clauseById(id)?.sentence ?? ""}`),
  )
}

const capabilities = (run: Run): string => {
  const flat = run.runs.map(({ capabilities: declared }) => flatten(declared))
  const names = [...new Set(flat.flatMap((one) => [...one.keys()]))]
  if (names.length === 0) return ""
  const rows = names.map(
    (name) =>
      `<tr><th scope="row">${esc(name)}</th>${flat.map((one) => `<td class="n">${esc(one.get(name) ?? "–")}</td>`).join("")}</tr>`,
  )
  return `<h2>Declared capabilities</h2>${table(run.runs, rows)}`
}

/** { limits: { batchEvents: 100 } } becomes "limits.batchEvents": "100". */
const flatten = (value: unknown, path = ""): ReadonlyMap<string, string> => {
  if (typeof value !== "object" || value === null) return path === "" ? new Map() : new Map([[path, tell(value)]])
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...flatten(inner, path === "" ? key : `${path}.${key}`)]),
  )
}

const tell = (value: unknown): string => {
  if (typeof value === "number") return value.toLocaleString("en")
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value)
}

const resets = (run: Run): string => {
  const depths = [
    ...new Set(
      run.runs.flatMap((one) => Object.entries(one.resets).flatMap(([depth, ms]) => (ms.length > 0 ? [depth] : []))),
    ),
  ]
  if (depths.length === 0) return ""
  const rows = depths.map(
    (depth) =>
      `<tr><th scope="row">${esc(depth)}</th>${run.runs.map((one) => `<td class="n">${cost(one.resets[depth] ?? [])}</td>`).join("")}</tr>`,
  )
  return `<h2>What a clean state costs</h2>${table(run.runs, rows)}`
}

const cost = (ms: ReadonlyArray<number>): string => {
  if (ms.length === 0) return "–"
  const sorted = [...ms].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  return `p50 ${tellMs(at(0.5))}, p95 ${tellMs(at(0.95))} <span class="soft">of ${ms.length}</span>`
}

const occasions = [
  ["perThousandEvents", "for 1,000 events"],
  ["perIdleHour", "in an idle hour"],
] as const

const costs = (run: Run): string => {
  const told = run.runs.filter((one) => one.costs !== undefined)
  if (told.length === 0) return ""
  const rows = occasions.flatMap(([member, when]) =>
    bills.map(([what, of]) => {
      const cells = told.map(
        ({ costs }) => `<td class="n">${costs === undefined ? "–" : count(of(costs[member]))}</td>`,
      )
      return `<tr><th scope="row">${what} ${when}</th>${cells.join("")}</tr>`
    }),
  )
  const about =
    "1,000 events in batches of ten, one live pull beside the writer; the hour is reckoned from a minute with one live pull open. Clients have the times that they are judged with, which may be shorter than in production."
  return `<h2>What a store costs its platform</h2><p class="soft">${about}</p>${table(told, rows)}`
}

const count = (n: number): string => n.toLocaleString("en", { maximumFractionDigits: n < 10 ? 1 : 0 })

const tellMs = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`)

const table = (runs: ReadonlyArray<ProviderRun>, rows: ReadonlyArray<string>): string =>
  `<div class="panel scroll"><table class="matrix plain"><thead><tr><th></th>` +
  `${runs.map(({ provider }) => `<th scope="col">${esc(provider)}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`
