import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { readTimelines, timelineKey } from "./read-timelines.ts"
import { timelineSvg } from "./svg.ts"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-timeline-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const begin = (provider: string, check: string) => ({ k: "begin", i: 0, t: 0, schema: 1, check, provider })
const event = { seqNum: 1, parentSeqNum: 0, name: "gauntlet.event", clientId: "a", sessionId: "s" }
const push = { k: "invoke", i: 1, t: 1e6, op: 1, client: "a", store: "s", f: "push", batch: [event] }
const refused = { k: "refused", i: 2, t: 2e6, op: 1, error: { tag: "ServerAhead", head: 3 } }

const read = async (lines: ReadonlyArray<unknown>, ...wanted: ReadonlyArray<string>) => {
  const file = join(dir, "history.ndjson")
  writeFileSync(file, lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"))
  return readTimelines(file, new Set(wanted))
}

describe("reading the timelines of a history", () => {
  it("takes the wanted sections only, without their events", async () => {
    const key = timelineKey("mock", "push/one")
    const timelines = await read([begin("mock", "push/two"), push, begin("mock", "push/one"), push, refused], key)
    expect([...timelines.keys()]).toEqual([key])
    expect(timelines.get(key)).toEqual([
      { k: "invoke", i: 1, t: 1e6, op: 1, client: "a", store: "s", f: "push", label: "1" },
      { k: "refused", i: 2, t: 2e6, op: 1, label: "ServerAhead head 3" },
    ])
  })

  it("shows a check by its last section, and passes over a line that was cut off", async () => {
    const key = timelineKey("mock", "push/one")
    const timelines = await read(
      [begin("mock", "push/one"), push, refused, begin("mock", "push/one"), push, '{"k":"ok","i"'],
      key,
    )
    expect(timelines.get(key)).toHaveLength(1)
  })

  it("has nothing to show where there is no history", async () => {
    expect(await readTimelines(join(dir, "nowhere"), new Set(["x"]))).toEqual(new Map())
  })
})

describe("a timeline as SVG", () => {
  it("shows each operation with how it ended, and numbers what is argued from", async () => {
    const key = timelineKey("mock", "push/one")
    const timelines = await read([begin("mock", "push/one"), push, refused], key)
    const svg = timelineSvg(timelines.get(key)!, [1, 2])
    expect(svg).toContain('<g class="b refused x"><title>#1 push 1: refused, ServerAhead head 3</title>')
    expect(svg.match(/class="n"/g)).toHaveLength(2)
    expect(svg).toContain(">0.001 s</text>")
  })

  it("escapes what clients are called", () => {
    const svg = timelineSvg([{ i: 1, t: 0, k: "status", client: "<a>", label: '"connected"' }], [])
    expect(svg).toContain("&lt;a&gt;")
    expect(svg).toContain("&quot;connected&quot;")
  })

  it("is nothing without records", () => {
    expect(timelineSvg([], [1])).toBe("")
  })
})
