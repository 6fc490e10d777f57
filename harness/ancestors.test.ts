import { spawn, type ChildProcess } from "node:child_process"
import { afterEach, describe, expect, it } from "vitest"
import { ancestorChain, isOrphaned, watchAncestors } from "./ancestors.ts"
import { descendantsOf, isAlive, readProcess, signal } from "./processes.ts"

const started: Array<ChildProcess> = []
/** Pids that lost their parent in a test. */
const left: Array<number> = []
afterEach(() => {
  for (const pid of left.splice(0)) signal(pid, "SIGKILL")
  for (const child of started.splice(0)) {
    for (const below of descendantsOf(child.pid!)) signal(below.pid, "SIGKILL")
    child.kill("SIGKILL")
  }
})

/** sh → sh → node that waits; gives the pid that the innermost one printed. */
const startChain = async (
  extra: Record<string, string> = {},
): Promise<{ readonly outer: ChildProcess; readonly inner: number }> => {
  const { npm_command: _command, ...env } = process.env
  const script = "console.log(process.pid); setTimeout(() => {}, 600000)"
  const outer = spawn("sh", ["-c", `sh -c '"${process.execPath}" -e "${script}"; true'; true`], {
    detached: true,
    env: { ...env, ...extra },
    stdio: ["ignore", "pipe", "ignore"],
  })
  started.push(outer)
  const inner = await new Promise<number>((resolve) =>
    outer.stdout!.once("data", (data) => resolve(Number(String(data)))),
  )
  return { outer, inner }
}

describe("the chain of ancestors", () => {
  it("leads from a process to the leader of its session", async () => {
    const { outer, inner } = await startChain()
    const chain = ancestorChain(inner)
    expect(chain).toHaveLength(2)
    expect(chain.at(-1)?.pid).toBe(outer.pid)
    expect(chain[0]?.parent).toBe(outer.pid)
  })

  it("tells when the outermost one has gone, though the inner ones live on", async () => {
    const { outer, inner } = await startChain()
    const gone = new Promise<number>(
      (resolve) => void watchAncestors(ancestorChain(inner), ({ pid }) => resolve(pid), 20),
    )
    outer.kill("SIGTERM")
    expect(await gone).toBe(outer.pid)
    const survivor = readProcess(inner)
    expect(survivor).toBeDefined()
    signal(survivor!.parent, "SIGKILL")
    signal(inner, "SIGKILL")
  })

  it("does not take a later process with the same pid for the earlier one", () => {
    const self = readProcess(process.pid)!
    expect(isAlive(self)).toBe(true)
    expect(isAlive({ ...self, started: "1" })).toBe(process.platform !== "linux")
  })

  it("finds processes below a process, also those below these", async () => {
    const { outer, inner } = await startChain()
    expect(descendantsOf(outer.pid!).map(({ pid }) => pid)).toContain(inner)
  })
})

describe("a process whose starter has gone before anybody looked", () => {
  /** Starts sh → sh → node, ends the outer sh, and gives the pid of node. */
  const orphan = async (env: Record<string, string>): Promise<number> => {
    const { outer, inner } = await startChain(env)
    const shell = readProcess(inner)!.parent
    outer.kill("SIGKILL")
    while (readProcess(shell)?.parent === outer.pid) await new Promise((resolve) => setTimeout(resolve, 5))
    left.push(shell, inner)
    return inner
  }

  it("is orphaned when a package manager had started it", async () => {
    const inner = await orphan({ npm_command: "exec" })
    expect(isOrphaned(ancestorChain(inner), inner)).toBe(process.platform === "linux")
  })

  it("is not when it was sent to the background on purpose", async () => {
    const inner = await orphan({})
    expect(isOrphaned(ancestorChain(inner), inner)).toBe(false)
  })

  it("is not while its starter lives", async () => {
    const { inner } = await startChain({ npm_command: "exec" })
    expect(isOrphaned(ancestorChain(inner), inner)).toBe(false)
  })
})
