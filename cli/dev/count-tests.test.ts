import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"

const script = fileURLToPath(new URL("./count-tests.mjs", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "gauntlet-count-"))
afterAll(() => rmSync(folder, { recursive: true }))

const results = (passed: number, failed: number, broken = 0): string =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: 0,
    testResults: [
      {
        name: "a.test.ts",
        status: failed > 0 ? "failed" : "passed",
        assertionResults: failed > 0 ? [{ status: "failed" }] : [],
      },
      ...Array.from({ length: broken }, () => ({
        name: "b.test.ts",
        status: "failed",
        message: "no",
        assertionResults: [],
      })),
    ],
  })

/** What the script says last and exits with. Without results there is no file. */
const count = (json: string | undefined, ...exits: ReadonlyArray<string>) => {
  const path = join(folder, json === undefined ? "absent.json" : "vitest.json")
  if (json !== undefined) writeFileSync(path, json)
  return new Promise<{ line: string | undefined; exit: number }>((resolve) => {
    const child = execFile(process.execPath, [script, path, ...exits], (_, stdout) =>
      resolve({ line: stdout.trimEnd().split("\n").at(-1), exit: child.exitCode ?? -1 }),
    )
  })
}

describe("counting a CI run", () => {
  it("counts the check as one more that passed", async () => {
    expect(await count(results(5, 0), "0", "0")).toEqual({ line: "6 passed, 0 failed", exit: 0 })
  })

  it("counts failed tests and a failed check", async () => {
    expect(await count(results(5, 2), "1", "1")).toEqual({ line: "5 passed, 3 failed", exit: 1 })
  })

  it("counts a test file that did not load", async () => {
    expect(await count(results(5, 0, 1), "1", "0")).toEqual({ line: "6 passed, 1 failed", exit: 1 })
  })

  it("counts a run that ended badly although no test failed", async () => {
    expect(await count(results(5, 0), "1", "0")).toEqual({ line: "6 passed, 1 failed", exit: 1 })
  })

  it("counts commands that did not end, and results that are not there, as failures", async () => {
    expect(await count(undefined, "missing", "missing")).toEqual({ line: "0 passed, 2 failed", exit: 1 })
  })
})
