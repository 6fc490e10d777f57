import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { makeRecorder } from "../../history/recorder.ts"
import { mock } from "../../providers/mock/provider.ts"
import { Keeper } from "./keep.ts"
import { drawRound } from "./round-plan.ts"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-keep-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const { plan } = drawRound(1, { provider: "mock", version: "1", capabilities: mock.capabilities, offered: [] }, [])
const records = () => {
  const recorder = makeRecorder({ nowNs: () => 0 })
  recorder.note("something")
  return recorder.records()
}

describe("keeping what a campaign found", () => {
  it("writes a scenario of each round, records of the first few, and no more than so many in all", () => {
    const keeper = new Keeper(dir)
    const kept = Array.from({ length: 22 }, (_, round) => keeper.keep("lost-ack", round, plan, records()))
    expect(kept.filter(({ scenario }) => scenario !== undefined && existsSync(scenario))).toHaveLength(20)
    expect(kept.filter(({ history }) => history !== undefined && existsSync(history))).toHaveLength(3)
    expect(kept.at(-1)).toEqual({ notKept: "20 scenarios of lost-ack are kept already" })
    expect(readdirSync(dir)).toHaveLength(23)
  })

  it("says what could not be written and goes on", () => {
    writeFileSync(join(dir, "file"), "")
    const { notKept, scenario } = new Keeper(join(dir, "file")).keep("lost-ack", 1, plan, records())
    expect(scenario).toBeUndefined()
    expect(notKept).toMatch(/^scenarios could not be written: /)
  })
})
