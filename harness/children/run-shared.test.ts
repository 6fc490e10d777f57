import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { readProcess } from "../processes.ts"
import { fakeCheck } from "./fixtures/fake-check.ts"
import { runShared } from "./run-shared.ts"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-shared-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const share = (ids: ReadonlyArray<string>, key = "fake") => {
  const checks = ids.map(fakeCheck)
  const told: Array<string> = []
  const files = [join(dir, "history-0.part"), join(dir, "history-1.part")]
  const end = runShared(
    {
      entry: new URL("./fixtures/fake-child.ts", import.meta.url),
      name: key,
      checks,
      allChecks: checks,
      plan: {
        mode: "run",
        source: { kind: "registered", key },
        checks: [],
        seed: 7,
        historyFile: "",
        ancestors: [readProcess(process.pid)!],
        stopMs: 2_000,
      },
      signal: new AbortController().signal,
      logFile: join(dir, "output.log"),
      silentMs: 20_000,
      onStart: () => undefined,
      onResult: ({ id }) => told.push(id),
    },
    files,
  )
  return { end, told, files }
}

describe("checks that two processes share", () => {
  it("come back as one run in their order, each told once, with a file of history for each process", async () => {
    const { end, told, files } = share(["good/one", "good/two", "good/three"])
    const ended = await end
    if (ended.how !== "ran") throw new Error(ended.how)
    expect(ended.run.checks.map(({ id }) => id)).toEqual(["good/one", "good/two", "good/three"])
    expect(ended.run.summary.pass).toBe(3)
    expect(told.toSorted()).toEqual(["good/one", "good/three", "good/two"])
    expect(files.map((file) => readFileSync(file, "utf8").match(/good\/\w+/g))).toEqual([
      ["good/one", "good/three"],
      ["good/two"],
    ])
  })

  it("keep what one process found where the other crashed", async () => {
    const ended = await share(["good/one", "bad/exits", "good/two", "good/three"]).end
    if (ended.how !== "ran") throw new Error(ended.how)
    expect(ended.run.checks.map(({ id, outcome }) => [id, outcome])).toEqual([
      ["good/one", "pass"],
      ["bad/exits", "fail"],
      ["good/two", "pass"],
      ["good/three", "pass"],
    ])
  })

  it("say that the provider is not available as one process would", async () => {
    expect((await share(["good/one", "good/two"], "absent").end).how).toBe("unavailable")
  })
})
