/** The page's style: light and dark by the reader's preference, one column on a narrow screen, nothing loaded. */
export const style = `
:root {
  color-scheme: light dark;
  --bg: #f6f6f3; --panel: #ffffff; --sunk: #f0f0ec; --text: #1d1f23; --soft: #646a73; --line: #dfdfd8; --accent: #2f5bd0;
  --pass: #2a8a52; --fail: #c9302c; --harness-error: #a3248f; --flaky: #a56a00; --unknown: #3f7391;
  --should-fail: #a56a00; --deviation: #7350b8; --unsupported: #8b9098;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #15171a; --panel: #1d2024; --sunk: #262a2f; --text: #e6e7e9; --soft: #9aa1aa; --line: #33383f; --accent: #86a8ff;
    --pass: #55b880; --fail: #f2726c; --harness-error: #e07fd0; --flaky: #e0a94a; --unknown: #7fb6d6;
    --should-fail: #e0a94a; --deviation: #ab8eea; --unsupported: #7d848d;
  }
}
* { box-sizing: border-box }
[hidden] { display: none !important }
html { scroll-behavior: smooth }
body { margin: 0; background: var(--bg); color: var(--text); font: 14px/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif }
main { max-width: 1240px; margin: 0 auto; padding: 28px 24px 80px }
code, .mono { font-family: var(--mono); font-size: 12.5px }
a { color: var(--accent) }
h1 { font-size: 22px; line-height: 1.25; margin: 0; font-weight: 650; letter-spacing: -.01em }
h2 { font-size: 16px; margin: 40px 0 12px; font-weight: 650 }
h3 { font-size: 13px; margin: 18px 0 6px; font-weight: 650 }
button { font: inherit; color: inherit }
.soft { color: var(--soft) }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 10px }
.scroll { overflow-x: auto }

header { display: flex; flex-wrap: wrap; gap: 6px 24px; align-items: baseline; justify-content: space-between }
header .facts { color: var(--soft); font-size: 13px }
.headline { margin: 16px 0 20px; padding: 13px 16px; border-left: 4px solid var(--tone); font-size: 16px; font-weight: 550 }
.headline.good { --tone: var(--pass) } .headline.bad { --tone: var(--fail) } .headline.open { --tone: var(--flaky) }

.o-pass { --o: var(--pass) } .o-fail { --o: var(--fail) } .o-harness-error { --o: var(--harness-error) }
.o-flaky { --o: var(--flaky) } .o-unknown { --o: var(--unknown) } .o-should-fail { --o: var(--should-fail) }
.o-deviation { --o: var(--deviation) } .o-unsupported { --o: var(--unsupported) }

.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 14px }
.card { padding: 14px 16px; min-width: 0 }
.card h2 { margin: 0; font: 600 14px var(--mono); overflow-wrap: anywhere }
.card .soft { font-size: 12.5px; overflow-wrap: anywhere }
.card.away { background: none; border-style: dashed }
.bar { display: flex; height: 8px; border-radius: 4px; overflow: hidden; margin: 12px 0 10px; background: var(--sunk); gap: 1px }
.bar i { background: var(--o); min-width: 3px }
.counts { display: flex; flex-wrap: wrap; gap: 3px 14px; margin: 0; padding: 0; list-style: none; font-size: 13px }
.counts b { color: var(--o); font-variant-numeric: tabular-nums }

table { border-collapse: collapse; width: 100%; font-size: 13px }
th, td { text-align: left; padding: 6px 12px; border-bottom: 1px solid var(--line); vertical-align: top }
thead th { font-weight: 600; color: var(--soft); font-size: 12px; white-space: nowrap }
tbody:last-child tr:last-child > *, .plain tr:last-child > * { border-bottom: 0 }
td.n { font-variant-numeric: tabular-nums; white-space: nowrap }

.matrix th:first-child { position: sticky; left: 0; background: var(--panel); z-index: 1 }
.matrix thead th { font-family: var(--mono); font-weight: 600; color: var(--text) }
.matrix td { white-space: nowrap; font-variant-numeric: tabular-nums }
.matrix tr.family > th { font-weight: 600 }
.matrix tr.clause > th { font-weight: 400; padding-left: 32px; font-family: var(--mono); font-size: 12px }
.matrix tr.clause td, .matrix tr.clause th { padding-top: 2px; padding-bottom: 2px; background: var(--sunk) }
.fold { all: unset; cursor: pointer; display: inline-flex; gap: 7px; align-items: center }
.fold::before { content: ""; border: 4px solid transparent; border-left-color: var(--soft); border-right-width: 0 }
.fold[aria-expanded=true]::before { transform: rotate(90deg) }
.fold:focus-visible, .cell:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px }
.cell { all: unset; cursor: pointer; display: inline-flex; gap: 9px; border-radius: 4px; padding: 0 3px; margin: 0 -3px }
.cell:hover { background: var(--sunk) }
.cell b, .sign { color: var(--o); font-weight: 600 }
.cell .dim { font-weight: 400; color: var(--soft) }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 12.5px; color: var(--soft); margin: 10px 2px 0; padding: 0; list-style: none }
.legend b { color: var(--o) }

.filters { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-bottom: 12px }
.chip { border: 1px solid var(--line); background: var(--panel); border-radius: 99px; padding: 2px 11px; cursor: pointer; font-size: 13px }
.chip b { color: var(--o); font-variant-numeric: tabular-nums }
.chip[aria-pressed=true] { border-color: var(--o); box-shadow: inset 0 0 0 1px var(--o) }
.chip:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.filters select, .filters input { font: inherit; font-size: 13px; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 7px; padding: 4px 9px }
.filters input { flex: 1 1 180px; min-width: 140px }

.checks { overflow: hidden }
.row { display: grid; grid-template-columns: 122px 150px minmax(230px, 1.2fr) minmax(0, 2.3fr) 58px; gap: 0 14px; padding: 6px 14px 6px 12px; border-left: 3px solid var(--o); align-items: baseline; font-size: 13px }
.checks > * + * { border-top: 1px solid var(--line) }
.checks details > summary { cursor: pointer; list-style: none }
.checks details > summary::-webkit-details-marker { display: none }
.checks details > summary:hover, .checks details[open] > summary { background: var(--sunk) }
.checks summary:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px }
.row > * { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.row .what::before { content: ""; display: inline-block; width: 0; margin-right: 8px; border: 4px solid transparent; border-right-width: 0 }
summary.row .what::before { border-left-color: var(--soft) }
details[open] > .row .what::before { transform: rotate(90deg) }
.row .what { color: var(--o); font-weight: 600 }
.row .ms { text-align: right; color: var(--soft); font-variant-numeric: tabular-nums }
.row em { font-style: normal; color: var(--soft); font-size: 11px; margin-left: 6px }
.body { padding: 4px 18px 18px 18px; border-left: 3px solid var(--o) }
.body .promise { color: var(--soft); margin: 8px 0 12px; max-width: 85ch }
.body .log { max-height: 18em; overflow: auto; font-size: 12px; white-space: pre-wrap }
.body .reason { margin: 8px 0; max-width: 95ch }
.argument { margin: 8px 0; padding: 0; list-style: none; max-width: 100ch }
.argument li { margin: 6px 0; padding-left: 12px; border-left: 2px solid var(--line) }
.argument b { font-family: var(--mono); font-size: 12.5px; color: var(--o) }
.again { display: flex; gap: 8px; align-items: stretch; margin: 12px 0 }
.again code { background: var(--sunk); border-radius: 6px; padding: 6px 10px; overflow-x: auto; white-space: nowrap; flex: 1 }
.again button { border: 1px solid var(--line); background: var(--panel); border-radius: 6px; cursor: pointer; padding: 0 12px; font-size: 12.5px }
.again button:hover { border-color: var(--accent) }
.none { padding: 18px; color: var(--soft) }
.notes { margin: 0; padding: 12px 16px 12px 34px; font-size: 13px }
.notes li { margin: 2px 0; overflow-wrap: anywhere }

.tl { display: block; font: 10.5px var(--mono) }
.tl text { fill: var(--text) } .tl .a { fill: var(--soft); text-anchor: middle } .tl .w { font-weight: 600; font-size: 11.5px }
.tl .g { stroke: var(--line); stroke-dasharray: 2 4 } .tl .l { stroke: var(--line) }
.tl .h { stroke: var(--fail); stroke-width: 1.2; stroke-dasharray: 3 3; fill: none } .tl .n { fill: var(--fail) }
.tl .nt { fill: var(--panel); text-anchor: middle; font-weight: 700 }
.tl .b { --c: var(--unsupported) } .tl .b.ok { --c: var(--pass) } .tl .b.refused { --c: var(--should-fail) }
.tl .b.indefinite { --c: var(--deviation) } .tl .b.stuck, .tl .b.defect { --c: var(--fail) } .tl .b.open { --c: var(--unknown) }
.tl .b rect { fill: var(--c); fill-opacity: .2; stroke: var(--c); stroke-width: 1 }
.tl .b.x rect { stroke-width: 2.4; fill-opacity: .34 }
.tl .p { stroke: var(--text); stroke-width: 1.6; opacity: .55 } .tl .p.x { stroke: var(--fail); stroke-width: 3; opacity: 1 }
.tl .m { fill: var(--soft) } .tl .m.fault, .tl .m.process, .tl .m.life { fill: var(--flaky) } .tl .m.x, .tl .m.finding, .tl .m.defect { fill: var(--fail) }
.tl .m.off { fill: none; stroke: var(--soft); stroke-width: 1.3 }
.tl .m.truth { fill: var(--accent) }
.keys { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 12px; color: var(--soft); margin-top: 6px }
.keys b { color: var(--c) }
.keys i { display: inline-block; width: 12px; height: 9px; border-radius: 2px; margin-right: 5px; background: var(--c); opacity: .6 }

@media (max-width: 780px) {
  main { padding: 18px 12px 60px }
  .row { grid-template-columns: 96px 1fr 52px; gap: 0 10px }
  .row .who { grid-column: 2; font-size: 12px; color: var(--soft) }
  .row .ms { grid-column: 3; grid-row: 1 }
  .row .id { grid-column: 1 / -1; grid-row: 2 }
  .row .why { grid-column: 1 / -1; white-space: normal; color: var(--soft) }
  .row .why:empty { display: none }
  .body { padding: 4px 12px 14px }
  th, td { padding: 6px 9px }
}
@media print { .filters, .again button { display: none } }
`
