import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { inProcess } from "./fixtures/in-process.ts"
import { doneSoFar, soak, soakExit, soakUnits, type SoakPlan, type SoakUnit } from "./soak.ts"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-soak-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const plan: SoakPlan = { providers: ["mock", "cf-ws-do"], suites: 2, campaignMs: 1_000, seed: 7 }
const stateFile = () => join(dir, "state.json")

/** A soak whose units end at once, but for one that pulls the plug. */
const run = async (stopsAt?: string) => {
  const stop = new AbortController()
  const ran: Array<string> = []
  let most = 0
  let now = 0
  const runUnit = async ({ name }: SoakUnit) => {
    ran.push(name)
    most = Math.max(most, ++now)
    await new Promise((resolve) => setImmediate(resolve))
    now -= 1
    if (name === stopsAt) stop.abort()
    return { name, code: name.startsWith("campaign") ? 1 : 0, ms: 5, said: "fine" }
  }
  const done = doneSoFar(stateFile(), plan)
  const ends = await soak({
    plan,
    stateFile: stateFile(),
    done,
    atOnce: 2,
    signal: stop.signal,
    runUnit,
    onEnd: () => {},
  })
  return { ran, most, ends }
}

describe("a soak", () => {
  it("runs the suites of each provider with a seed of its own each time, then the campaigns, two at a time", async () => {
    const { ran, most, ends } = await run()
    expect(ran).toEqual(soakUnits(plan).map(({ name }) => name))
    expect(soakUnits(plan).map(({ name, seed }) => `${name} ${seed}`)).toEqual([
      "suites 1 on mock 7",
      "suites 1 on cf-ws-do 7",
      "suites 2 on mock 8",
      "suites 2 on cf-ws-do 8",
      "campaign on mock 7",
      "campaign on cf-ws-do 7",
    ])
    expect({ most, ends: ends.length, code: soakExit(ends) }).toEqual({ most: 2, ends: 6, code: 1 })
  })

  it("goes on with what was not done when it was stopped", async () => {
    const first = await run("suites 2 on mock")
    expect(first.ends.map(({ name }) => name)).toEqual(["suites 1 on mock", "suites 1 on cf-ws-do"])
    const second = await run()
    expect(second.ran).toEqual(
      soakUnits(plan)
        .slice(2)
        .map(({ name }) => name),
    )
    expect(second.ends).toHaveLength(6)
    expect((await run()).ran).toEqual([])
  })

  it("says that a state is of other options, or is none, instead of beginning anew", async () => {
    await run()
    expect(() => doneSoFar(stateFile(), { ...plan, seed: 8 })).toThrow("is of a soak with other options; type --fresh")
    writeFileSync(stateFile(), '{"schema":')
    expect(() => doneSoFar(stateFile(), plan)).toThrow("is no state of a soak")
  })
})

describe("gauntlet soak", () => {
  const typed = (...args: ReadonlyArray<string>) => inProcess(["soak", ...args, "--out", "soak"], dir)

  it("runs a campaign, tells it in a table, and has nothing left to do the second time", async () => {
    const options = ["--provider", "canary", "--suites", "0", "--campaign", "1ms", "--seed", "3"]
    const first = await typed(...options, "--json")
    expect(JSON.parse(first.out)).toMatchObject({ schema: 1, left: 0, done: [{ name: "campaign on canary", code: 1 }] })
    expect(first.code).toBe(1)
    const second = await typed(...options)
    expect(second.err).toContain("1 done before")
    expect(second.out).toMatch(/campaign on canary +1 .*lost-ack in 1/)
    expect(existsSync(join(dir, "soak", "campaign-on-canary"))).toBe(true)
    expect(JSON.parse(readFileSync(join(dir, "soak", "state.json"), "utf8")).done).toHaveLength(1)
  })

  it.each([
    [["--suites", "0", "--campaign", "none"], /leave nothing to run/],
    [["--campaign", "soon"], /--campaign needs a duration/],
    [["--provider", "mokc"], /did you mean "mock"/],
    [["--at-once", "0"], /--at-once 0 runs nothing/],
  ])("refuses %j in one line", async (args, message) => {
    const { code, out, err } = await typed(...args)
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toMatch(message)
  })
})
