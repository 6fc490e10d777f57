import { describe, expect, it } from "vitest"
import { check, failure, providerRun, runOf, sentence } from "../../harness/fixtures/small-run.ts"
import { escapeMarkup } from "../escape.ts"
import { timelineKey } from "../timeline/read-timelines.ts"
import type { TimelineRecord } from "../timeline/timeline-record.ts"
import { timelineBudget } from "./check-list.ts"
import { toHtml } from "./page.ts"

const records: ReadonlyArray<TimelineRecord> = [
  { i: 4, t: 1e9, k: "invoke", op: 4, client: "a", f: "push", label: "6" },
  { i: 5, t: 2e9, k: "ok", op: 4, label: "" },
]
const run = runOf(
  [
    providerRun(
      "mock",
      [check(), failure, check({ id: "life/kill", clause: "life/kill", outcome: "unknown", reason: "no kill" })],
      {
        resets: { store: [1, 2, 3], backend: [] },
        unlock: ["add process.kill to unlock 1 clause"],
        clausesWithoutCheck: ["load/soak"],
      },
    ),
  ],
  { unavailable: [{ provider: "electric", missing: "<script>alert(1)</script>" }] },
)
const html = toHtml(run, new Map([[timelineKey("mock", failure.id), records]]))

describe("the page", () => {
  it("holds everything it needs", () => {
    expect(html).not.toMatch(/(?:src|href)="(?!#)/)
    expect(html).not.toMatch(/@import|url\(|https?:/)
    expect(html).toContain("default-src 'none'")
  })

  it("escapes what providers and errors say", () => {
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;")
    expect(html.match(/<script>/g)).toHaveLength(1)
  })

  it("says the verdict, the counts and who is not available", () => {
    expect(html).toContain("Not conformant: 1 failure on mock")
    expect(html).toContain('<li class="o-fail" title="a MUST that does not hold"><b>1</b> fail</li>')
    expect(html).toContain("<h2>electric</h2>")
  })

  it("shows the backend's log under what did not pass, as text", () => {
    const logged = { ...failure, log: ["0.001 s  <b>down</b>"] }
    const page = toHtml(runOf([providerRun("mock", [logged])]), new Map())
    expect(page).toContain('<pre class="log">0.001 s  &lt;b&gt;down&lt;/b&gt;</pre>')
    expect(html).not.toContain('<pre class="log">')
  })

  it("shows for a failure the promise, the argument, the command and the timeline", () => {
    expect(html).toContain(escapeMarkup(sentence))
    expect(html).toContain("MUST pull/suffix: ")
    expect(html).toContain("Verifies SYNC-R06.")
    expect(html).toContain(`<code>${escapeMarkup(failure.replay)}</code>`)
    expect(html).toContain("7 were found; these are the most telling.")
    expect(html.match(/<svg class="tl"/g)).toHaveLength(1)
  })

  it("has the gravest checks first and a row for every check", () => {
    const outcomes = [...html.matchAll(/data-outcome="([\w-]+)"/g)].map(([, outcome]) => outcome)
    expect(outcomes).toEqual(["fail", "unknown", "pass"])
  })

  it("shows capabilities, what resets cost, what is missing", () => {
    expect(html).toContain('<th scope="row">limits.batchEvents</th><td class="n">100</td>')
    expect(html).toContain("p50 2.0 ms")
    expect(html).toContain("add process.kill to unlock 1 clause")
    expect(html).toContain("load/soak: ")
  })

  it("shows what a store costs its platform, where that was measured", () => {
    const some = { requests: 101, messages: 0, wakeUps: 0, rowsRead: 1234, rowsWritten: 2, awakeMs: 1_500 }
    const measured = providerRun("cf-ws-do", [check()], {
      costs: { perThousandEvents: some, perIdleHour: { ...some, awakeMs: 0 } },
    })
    const page = toHtml(runOf([measured, providerRun("mock", [check()])]), new Map())
    expect(page).toContain('<th scope="row">rows read for 1,000 events</th><td class="n">1,234</td></tr>')
    expect(page).toContain('<th scope="row">seconds awake for 1,000 events</th><td class="n">1.5</td></tr>')
    expect(html).not.toContain("What a store costs")
  })

  it("leaves timelines out once they would make it too large", () => {
    const long = Array.from({ length: 300 }, (_, index): TimelineRecord => ({
      i: index,
      t: index * 1e6,
      k: "note",
      client: `client-${index % 40}`,
      label: "x".repeat(200),
    }))
    const failures = Array.from({ length: 60 }, (_, index) => ({ ...failure, id: `pull/suffix#${index}` }))
    const timelines = new Map(failures.map(({ id }) => [timelineKey("mock", id), long]))
    const page = toHtml(runOf([providerRun("mock", failures)]), timelines)
    expect(page.length).toBeLessThan(timelineBudget + 500_000)
    expect(page).toContain("The timeline is left out to keep this page small")
    expect(page).toContain('<svg class="tl"')
  })
})
