import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { runProvider } from "../harness/runner.ts"
import { checks } from "../suites/index.ts"
import tiny from "./examples/tiny-provider.ts"
import tinySync from "./examples/tiny-sync-backend.ts"

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8")

describe("docs/writing-a-provider.md", () => {
  it("shows the small provider as it is", () => {
    expect(read("./writing-a-provider.md")).toContain(read("./examples/tiny-provider.ts").trimEnd())
  })

  it("shows the small LiveStore backend as it is, and it keeps what it can", async () => {
    expect(read("./writing-a-provider.md")).toContain(read("./examples/tiny-sync-backend.ts").trimEnd())
    const wanted = [
      "push/one",
      "push/stale-parent",
      "pull/all",
      "live/others",
      "live/join-under-writes",
      "store/isolated",
    ]
    const run = await runProvider({
      provider: tinySync,
      checks: checks.filter(({ id }) => wanted.includes(id)),
      seed: 1,
      deviations: [],
      signal: new AbortController().signal,
    })
    expect(run.checks.map(({ id, outcome }) => `${id} ${outcome}`).toSorted()).toEqual(
      wanted.map((id) => `${id} pass`).toSorted(),
    )
  })

  it("shows a provider that keeps what it can and says what would unlock the rest", async () => {
    const wanted = new Set([
      "push/one",
      "push/stale-parent",
      "pull/all",
      "live/others",
      "push/lost-ack",
      "pull/beyond-head",
      "store/isolated",
    ])
    const run = await runProvider({
      provider: tiny,
      checks: checks.filter(({ id }) => wanted.has(id)),
      seed: 1,
      deviations: [],
      signal: new AbortController().signal,
    })
    const outcomes = Object.fromEntries(run.checks.map(({ id, outcome }) => [id, outcome]))
    expect(outcomes).toEqual({
      "push/one": "pass",
      "push/stale-parent": "pass",
      "pull/all": "pass",
      "live/others": "pass",
      "push/lost-ack": "unknown",
      "pull/beyond-head": "pass",
      "store/isolated": "pass",
    })
    expect(run.unlock.join("\n")).toMatch(/add .*classify.* to unlock 1 clause/)
  })
})
