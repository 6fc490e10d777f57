import { describe, expect, it } from "vitest"
import { runSteps, type Step } from "./steps.ts"

const step = (name: string, ok: boolean, output = ""): Step => ({ name, run: () => Promise.resolve({ ok, output }) })

const run = async (steps: ReadonlyArray<Step>) => {
  const lines: Array<string> = []
  let nowMs = 0
  const ok = await runSteps(steps, { atOnce: 1, print: (line) => lines.push(line), nowMs: () => (nowMs += 500) })
  return { ok, lines }
}

describe("running the steps of a check", () => {
  it("prints one line each with outcome and time, and says nothing more when all are ok", async () => {
    expect(await run([step("types", true, "noise"), step("lint", true)])).toEqual({
      ok: true,
      lines: ["ok     types 0.5 s", "ok     lint  0.5 s"],
    })
  })

  it("goes on after a failure and shows the output of what failed at the end", async () => {
    expect(await run([step("types", false, "a.ts(1,1): wrong"), step("lint", true, "noise")])).toEqual({
      ok: false,
      lines: ["failed types 0.5 s", "ok     lint  0.5 s", "\n--- types\na.ts(1,1): wrong"],
    })
  })

  it("counts a step that throws as failed", async () => {
    const { ok, lines } = await run([{ name: "scan", run: () => Promise.reject(new Error("no such file")) }])
    expect(ok).toBe(false)
    expect(lines.at(-1)).toBe("\n--- scan\nError: no such file")
  })
})
