import { spawn, type ChildProcess } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { areGone, descendantsOf, endProcesses, readProcess, signal, type ProcessEntry } from "../harness/processes.ts"
import { gauntletScript } from "./fixtures/spawn-gauntlet.ts"

/* The chain of `npx`: launcher → shell → command → child → backend; only the outermost one is signalled. */

const hangingFile = fileURLToPath(new URL("./fixtures/hanging-provider.ts", import.meta.url))
let dir = ""
let outermost: ChildProcess
let chain: ReadonlyArray<ProcessEntry> = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-stop-"))
})
afterEach(() => {
  endProcesses(chain)
  rmSync(dir, { recursive: true, force: true })
})

const pidsFile = () => join(dir, "pids")
const noted = (): string => (existsSync(pidsFile()) ? readFileSync(pidsFile(), "utf8") : "")
const pidOf = (word: string): number => Number(new RegExp(`^${word} (\\d+)$`, "m").exec(noted())?.[1])

/** Looks again every few milliseconds; the bound is the test's own. */
const until = async (what: () => boolean): Promise<void> => {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Starts the chain and waits until a push hangs; gives every process of it. */
const start = async (): Promise<void> => {
  const command = `"${process.execPath}" "${gauntletScript}" run --provider-file "${hangingFile}" --check push/one --out out`
  outermost = spawn("sh", ["-c", `sh -c '${command}; true'; true`], {
    cwd: dir,
    env: { ...process.env, GAUNTLET_TEST_PIDS: pidsFile() },
    detached: true,
    stdio: "ignore",
  })
  await until(() => noted().includes("pushing"))
  chain = [readProcess(outermost.pid!)!, ...descendantsOf(outermost.pid!)]
}

const command = (): number => readProcess(pidOf("child"))!.parent

describe("stopping a run", () => {
  it("ends every process of the chain when only the outermost one is ended, and writes what it has", async () => {
    await start()
    expect(chain.map(({ pid }) => pid)).toEqual(expect.arrayContaining([pidOf("child"), pidOf("backend")]))
    expect(chain.length).toBeGreaterThanOrEqual(5)

    outermost.kill("SIGTERM")

    expect(await areGone(chain, 30_000)).toBe(true)
    expect(noted()).toContain("stopped")
    const run = JSON.parse(readFileSync(join(dir, "out", "run.json"), "utf8"))
    expect(run).toMatchObject({ interrupted: true, runs: [{ checks: [{ id: "push/one", outcome: "unknown" }] }] })
    expect(readdirSync(dir).toSorted()).toEqual(["out", "pids"])
  })

  it("ends every process below the command when that one is killed without a chance to clean up", async () => {
    await start()
    process.kill(command(), "SIGKILL")
    expect(await areGone(chain, 30_000)).toBe(true)
  })

  it("ends at once at a second signal, without reports", async () => {
    await start()
    const pid = command()
    // A stopped child cannot stop in good order, so the first signal alone would take its time.
    process.kill(pidOf("child"), "SIGSTOP")
    const impatient = setInterval(() => signal(pid, "SIGINT"), 100)
    const gone = await areGone(chain, 5_000)
    clearInterval(impatient)
    expect(gone).toBe(true)
    expect(existsSync(join(dir, "out"))).toBe(false)
    expect(readdirSync(dir)).toEqual(["pids"])
  })
})
