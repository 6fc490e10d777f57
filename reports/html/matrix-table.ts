import { clauseById } from "../../contract/catalogue/index.ts"
import type { Run } from "../../contract/run.ts"
import { escapeMarkup as esc } from "../escape.ts"
import { matrixOf, type FamilyRow, type MatrixCell, type MatrixRow } from "../matrix.ts"
import { byGravity, outcomeStyles, styleOf } from "../outcomes.ts"

/** Clause families by providers; a family unfolds into its clauses, a cell leads to its checks. */
export const matrixTable = (run: Run): string => {
  if (run.runs.length === 0) return ""
  const head = run.runs.map(({ provider }) => `<th scope="col">${esc(provider)}</th>`).join("")
  const used = outcomeStyles.filter(({ member }) => run.runs.some(({ summary }) => summary[member] > 0))
  const legend = used
    .toReversed()
    .map(({ outcome, sign, word, means }) => `<li class="o-${outcome}"><b>${sign}</b> ${word}: ${means}</li>`)
  return (
    `<h2>Clauses and providers</h2><div class="panel scroll"><table class="matrix">` +
    `<thead><tr><th></th>${head}</tr></thead>${matrixOf(run).map(family).join("")}</table></div>` +
    `<ul class="legend">${legend.join("")}</ul>`
  )
}

const family = (row: FamilyRow): string =>
  `<tbody><tr class="family"><th scope="row"><button class="fold" aria-expanded="false" data-fold="${esc(row.name)}">${esc(row.name)}</button></th>` +
  `${row.cells.map((cell) => familyCell(row, cell)).join("")}</tr>${row.clauses.map((clause) => clauseRow(row.name, clause)).join("")}</tbody>`

const familyCell = (row: MatrixRow, cell: MatrixCell): string => {
  if (cell.checks.length === 0) return `<td class="soft">·</td>`
  const words = outcomeStyles
    .toReversed()
    .filter(({ member }) => cell.summary[member] > 0)
    .map(
      ({ outcome, member, sign }) =>
        `<b class="o-${outcome}${outcome === "pass" ? " dim" : ""}">${cell.summary[member]} ${sign}</b>`,
    )
  return `<td>${button(cell.provider, `${row.name}/`, `${row.name} on ${cell.provider}`, words.join(""))}</td>`
}

const clauseRow = (familyName: string, row: MatrixRow): string => {
  const clause = clauseById(row.name)
  return (
    `<tr class="clause" data-family="${esc(familyName)}" hidden><th scope="row" title="${esc(clause?.sentence ?? "")}">${esc(row.name)}` +
    `${clause?.level === "SHOULD" ? ` <span class="soft">SHOULD</span>` : ""}</th>${row.cells.map(clauseCell).join("")}</tr>`
  )
}

const clauseCell = (cell: MatrixCell): string => {
  if (cell.checks.length === 0) return `<td class="soft">·</td>`
  const signs = [...cell.checks].sort(byGravity).map(({ id, outcome, reason }) => {
    const { sign, word } = styleOf(outcome)
    return `<span class="sign o-${outcome}" title="${esc(`${id}: ${word}${reason === undefined ? "" : `: ${reason}`}`)}">${sign}</span>`
  })
  const clause = cell.checks[0]!.clause
  return `<td>${button(cell.provider, clause, `${clause} on ${cell.provider}`, signs.join(""))}</td>`
}

const button = (provider: string, words: string, label: string, content: string): string =>
  `<button class="cell" data-provider="${esc(provider)}" data-words="${esc(words)}" aria-label="${esc(label)}">${content}</button>`
