import { escapeMarkup as esc } from "../escape.ts"
import { layOut, type Bar, type Lane, type Mark, type TimelineLayout } from "./layout.ts"
import type { TimelineRecord } from "./timeline-record.ts"

const nameWidth = 92
const rowHeight = 20
const lanePadding = 7
const axisHeight = 40

/**
 * A timeline of one section as SVG: a lane for each client and one for the backend, operations as bars from
 * invocation to end, everything else as marks; what the anomalies argue from is outlined and numbered. Colours
 * come from the page's style by class.
 */
export const timelineSvg = (records: ReadonlyArray<TimelineRecord>, argued: ReadonlyArray<number>): string => {
  const layout = layOut(records, new Set(argued))
  if (layout.columns.length === 0) return ""
  const step = Math.max(9, Math.min(44, Math.floor(1_000 / layout.columns.length)))
  const x = (column: number) => nameWidth + column * step + step / 2
  const width = nameWidth + layout.columns.length * step + 12
  const tops = laneTops(layout.lanes)
  const height = tops.at(-1)!
  const lanes = layout.lanes.map((lane, index) => drawLane(lane, tops[index]!, { x, step, width }))
  return (
    `<svg class="tl" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="timeline">` +
    `${axis(layout, x, step, height)}${numbers(layout, argued, x, height)}${lanes.join("")}</svg>`
  )
}

interface Scale {
  readonly x: (column: number) => number
  readonly step: number
  readonly width: number
}

const laneTops = (lanes: ReadonlyArray<Lane>): ReadonlyArray<number> => {
  const tops = [axisHeight]
  for (const lane of lanes) tops.push(tops.at(-1)! + laneHeight(lane))
  return tops
}

/** Marks have a row of their own below the bars. */
const laneHeight = (lane: Lane): number => (barRows(lane) + (lane.marks.length > 0 ? 1 : 0)) * rowHeight + lanePadding

const barRows = (lane: Lane): number => (lane.bars.length === 0 ? 0 : lane.rows)

/** Seconds since the section began, written where there is room for it. */
const axis = ({ columns }: TimelineLayout, x: Scale["x"], step: number, height: number): string => {
  const every = Math.max(1, Math.ceil(64 / step))
  return columns
    .flatMap(({ t }, column) =>
      column % every === 0
        ? [
            `<path class="g" d="M${x(column)} 18V${height}"/>` +
              `<text class="a" x="${x(column)}" y="12">${esc(seconds(t))}</text>`,
          ]
        : [],
    )
    .join("")
}

/** The records argued from, numbered in the order of the argument. */
const numbers = ({ columns }: TimelineLayout, argued: ReadonlyArray<number>, x: Scale["x"], height: number): string =>
  [...new Set(argued)]
    .flatMap((i, index) => {
      const column = columns.findIndex((shown) => shown.i === i)
      if (column === -1) return []
      return [
        `<path class="h" d="M${x(column)} ${axisHeight - 6}V${height}"/>` +
          `<circle class="n" cx="${x(column)}" cy="${axisHeight - 12}" r="7.5"/>` +
          `<text class="nt" x="${x(column)}" y="${axisHeight - 8}">${index + 1}</text>`,
      ]
    })
    .join("")

const drawLane = (lane: Lane, top: number, scale: Scale): string =>
  `<path class="l" d="M0 ${top}H${scale.width}"/>` +
  `<text class="w" x="6" y="${top + 19}">${esc(lane.name.length > 13 ? `${lane.name.slice(0, 12)}…` : lane.name)}<title>${esc(lane.name)}</title></text>` +
  lane.bars.map((bar) => drawBar(bar, top + 4 + bar.row * rowHeight, scale)).join("") +
  lane.marks.map((mark) => drawMark(mark, top + 4 + barRows(lane) * rowHeight, scale)).join("")

const drawBar = (bar: Bar, y: number, { x, step }: Scale): string => {
  const from = bar.begunBefore ? nameWidth : x(bar.from) - step / 2 + 1
  const width = Math.max(6, x(bar.to) + step / 2 - 1 - from)
  const text = [bar.name, bar.label].filter((word) => word !== "").join(" ")
  const fits = Math.floor((width - 6) / 6)
  const title = `#${bar.op} ${text}: ${bar.end}${bar.said === "" ? "" : `, ${bar.said}`}`
  return (
    `<g class="b ${bar.end}${bar.accused ? " x" : ""}"><title>${esc(title)}</title>` +
    `<rect x="${round(from)}" y="${y}" width="${round(width)}" height="${rowHeight - 4}" rx="3"/>` +
    (fits >= 3 ? `<text x="${round(from + 4)}" y="${y + 12}">${esc(cut(text, fits))}</text>` : "") +
    bar.pages.map((page) => pageMark(page, y, x)).join("") +
    `</g>`
  )
}

const pageMark = (page: Mark, y: number, x: Scale["x"]): string =>
  `<path class="p${page.accused ? " x" : ""}" d="M${round(x(page.column))} ${y - 1}v${rowHeight - 2}"><title>${esc(`page: ${page.label}`)}</title></path>`

const drawMark = (mark: Mark, y: number, { x }: Scale): string => {
  const [cx, cy] = [round(x(mark.column)), y + 8]
  const shape = mark.kind === "status" || mark.kind === "client" || mark.kind === "client-end" ? "o" : mark.kind
  const path = shape === "o" ? `M${cx - 3} ${cy}a3 3 0 1 0 6 0a3 3 0 1 0-6 0` : `M${cx} ${cy - 6}l6 6l-6 6l-6-6z`
  return `<path class="m ${mark.kind}${mark.label === "disconnected" ? " off" : ""}${mark.accused ? " x" : ""}" d="${path}"><title>${esc(`${mark.kind}: ${mark.label}`)}</title></path>`
}

const cut = (text: string, letters: number): string => (text.length > letters ? `${text.slice(0, letters - 1)}…` : text)

const round = (value: number): number => Math.round(value * 10) / 10

const seconds = (ns: number): string => {
  const value = ns / 1e9
  return value < 10 ? `${value.toFixed(3)} s` : value < 1_000 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`
}
