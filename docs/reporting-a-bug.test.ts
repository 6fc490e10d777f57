import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { inProcess } from "../cli/fixtures/in-process.ts"
import { readPlan } from "../scenarios/read-plan.ts"
import { simulate } from "../scenarios/simulate.ts"
import { weakProviders } from "../providers/registry.ts"
import { mock } from "../providers/mock/provider.ts"

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8")
const page = read("reporting-a-bug.md")

/** The walk: commands, each group with the lines that it prints. */
const walk = [...page.matchAll(/```sh\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)].map(([, commands, told]) => ({
  commands: commands!.trim().split("\n"),
  told: told!
    .trim()
    .split("\n")
    .map((line) => line.trim()),
}))

/** The words of a command line, quotes taken off. */
const wordsOf = (line: string): ReadonlyArray<string> =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)

const squeezed = (text: string): string => text.replaceAll(/\s+/g, " ")

let dir = ""
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-report-"))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe("docs/reporting-a-bug.md", () => {
  it("has a group of lines for every group of commands", () => {
    expect(walk.length).toBe(page.split("```sh\n").length - 1)
    expect(walk.length).toBeGreaterThanOrEqual(5)
  })

  it("leads from the first command to the last, each of which prints what the page shows", async () => {
    for (const { commands, told } of walk) {
      let printed = ""
      for (const line of commands) {
        const [npx, yes, pnpm, gauntlet, ...args] = wordsOf(line)
        expect([npx, yes, pnpm, gauntlet]).toEqual(["npx", "-y", "pnpm@12", "gauntlet"])
        printed += (await inProcess(args, dir)).out
      }
      const missing = told.filter((line) => !squeezed(printed).includes(squeezed(line)))
      expect({ commands, missing }).toEqual({ commands, missing: [] })
    }
  }, 240_000)

  it("shows a scenario written by hand that shows its bug, and that a healthy provider passes", async () => {
    const plan = readPlan(read("examples/my-client-hangs.json"))
    if (plan.kind !== "steps") throw new Error("it is of a check")
    const weak = await weakProviders.find(({ key }) => key === plan.provider)!.load()
    expect(simulate(weak, plan)).toMatchObject({ outcome: "fail", anomaly: { name: plan.expect.anomaly } })
    expect(simulate(mock, plan).outcome).toBe("pass")
    expect(page).toContain("examples/my-client-hangs.json")
  })
})
