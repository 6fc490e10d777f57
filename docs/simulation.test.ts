import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { states } from "../scenarios/states.ts"
import { faultKinds } from "../workloads/nemesis/index.ts"

const page = readFileSync(new URL("simulation.md", import.meta.url), "utf8")

describe("the page about simulation", () => {
  it("names every fault that can be drawn", () => {
    expect(faultKinds.filter((kind) => !page.includes(`\`${kind}\``))).toEqual([])
  })

  it("names every state that is to be reached, with its reason", () => {
    const rows = Object.entries(states).map(([name, why]) => `| ${name} | ${why} |`)
    expect(rows.filter((row) => !page.includes(`\n${row}\n`))).toEqual([])
  })
})
