import { spawn, type ChildProcess } from "node:child_process"
import { afterEach, describe, expect, it } from "vitest"
import { ancestorChain, watchAncestors } from "./ancestors.ts"
import { descendantsOf, isAlive, readProcess, signal } from "./processes.ts"

const started: Array<ChildProcess> = []
afterEach(() => {
  for (const child of started.splice(0)) {
    for (const below of descendantsOf(child.pid!)) signal(below.pid, "SIGKILL")
    child.kill("SIGKILL")
  }
})

/** sh → sh → node that waits; gives the pid that the innermost one printed. */
const startChain = async (): Promise<{ readonly outer: ChildProcess; readonly inner: number }> => {
  const script = "console.log(process.pid); setTimeout(() => {}, 600000)"
  const outer = spawn("sh", ["-c", `sh -c '"${process.execPath}" -e "${script}"; true'; true`], {
    detached: true,
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
