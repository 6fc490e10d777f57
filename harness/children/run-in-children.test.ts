import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { readProcess, signal as sendSignal } from "../processes.ts"
import { fakeCheck } from "./fixtures/fake-check.ts"
import { runInChildren, type ProviderEnd } from "./run-in-children.ts"

const entry = new URL("./fixtures/fake-child.ts", import.meta.url)

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-children-"))
})
afterEach(() => {
  for (const pid of sleepers()) sendSignal(pid, "SIGKILL")
  rmSync(dir, { recursive: true, force: true })
})

const logFile = () => join(dir, "output.log")

/** Pids that the children said they started. */
const sleepers = (): ReadonlyArray<number> => {
  try {
    return [...readFileSync(logFile(), "utf8").matchAll(/sleeper (\d+)/g)].map(([, pid]) => Number(pid))
  } catch {
    return []
  }
}

const run = (
  ids: ReadonlyArray<string>,
  over: { key?: string; signal?: AbortSignal; silentMs?: number; onStart?: (id: string) => void } = {},
): Promise<ProviderEnd> => {
  const checks = ids.map(fakeCheck)
  return runInChildren({
    entry,
    name: over.key ?? "fake",
    checks,
    allChecks: checks,
    plan: {
      mode: "run",
      source: { kind: "registered", key: over.key ?? "fake" },
      checks: [],
      seed: 7,
      historyFile: join(dir, "history.part"),
      ancestors: [readProcess(process.pid)!],
      stopMs: 2_000,
    },
    signal: over.signal ?? new AbortController().signal,
    logFile: logFile(),
    silentMs: over.silentMs ?? 30_000,
    onStart: over.onStart ?? (() => undefined),
    onResult: () => undefined,
  })
}

const outcomes = (end: ProviderEnd) =>
  end.how === "ran" ? end.run.checks.map(({ id, outcome }) => `${id} ${outcome}`) : [end.how]
const reasonOf = (end: ProviderEnd, id: string) =>
  end.how === "ran" ? end.run.checks.find((check) => check.id === id)?.reason : undefined

describe("a provider in a child process", () => {
  it("gives its results, and its history in the file", async () => {
    const end = await run(["good/one", "good/two"])
    expect(outcomes(end)).toEqual(["good/one pass", "good/two pass"])
    expect(end).toMatchObject({ how: "ran", run: { version: "1.0.0", summary: { pass: 2 } } })
    expect(readFileSync(join(dir, "history.part"), "utf8").trim().split("\n")).toHaveLength(2)
  })

  it("says why it is not available", async () => {
    expect(await run(["good/one"], { key: "absent" })).toEqual({
      how: "unavailable",
      provider: "absent",
      missing: "nobody is home",
    })
  })

  it("is a harness error when it is built in and does not load", async () => {
    const end = await run(["good/one"], { key: "broken" })
    expect(outcomes(end)).toEqual(["good/one harness-error"])
    expect(reasonOf(end, "good/one")).toContain("this provider does not load")
  })

  it("fails a check that it never reported", async () => {
    const end = await run(["good/one", "bad/silent"])
    expect(outcomes(end)).toEqual(["good/one pass", "bad/silent fail"])
    expect(reasonOf(end, "bad/silent")).toContain("never reported")
  })

  it("fails the check that was running when it crashed and still judges the others", async () => {
    const end = await run(["good/one", "bad/throws", "good/two"])
    expect(outcomes(end)).toEqual(["good/one pass", "bad/throws fail", "good/two pass"])
    expect(reasonOf(end, "bad/throws")).toContain("Error: thrown in a timer")
    expect(end).toMatchObject({ run: { summary: { pass: 2, fail: 1 } } })
  })

  it("leaves no process of a crashed child behind", async () => {
    await run(["bad/throws"])
    expect(sleepers()).toHaveLength(1)
    expect(sleepers().map(readProcess)).toEqual([undefined])
  })

  it("names the exit code of a child that ended by itself", async () => {
    expect(reasonOf(await run(["bad/exits"]), "bad/exits")).toContain("exit code 7")
  })

  it("ends a child whose event loop is blocked, with what it started in a session of its own", async () => {
    const end = await run(["good/one", "bad/blocks", "good/three"], { silentMs: 5_000 })
    expect(outcomes(end)).toEqual(["good/one pass", "bad/blocks fail", "good/three pass"])
    expect(reasonOf(end, "bad/blocks")).toContain("its event loop did not turn for 5 s")
    expect(sleepers()).toHaveLength(1)
    expect(sleepers().map(readProcess)).toEqual([undefined])
  }, 30_000)

  it("stops in good order when asked, and calls what is missing unknown", async () => {
    const stop = new AbortController()
    const end = await run(["good/one", "bad/waits", "good/three"], {
      signal: stop.signal,
      onStart: (id) => {
        if (id === "bad/waits") stop.abort()
      },
    })
    expect(outcomes(end)).toEqual(["good/one pass", "bad/waits unknown", "good/three unknown"])
    expect(reasonOf(end, "good/three")).toContain("interrupted")
    expect(sleepers().map(readProcess)).toEqual([undefined])
  })
})
