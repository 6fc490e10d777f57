import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { workloadNames } from "../scenarios/campaign/workload.ts"
import { faultKinds } from "../workloads/nemesis/index.ts"

const page = readFileSync(new URL("chaos.md", import.meta.url), "utf8")

describe("the page about campaigns", () => {
  it("names every fault and every workload", () => {
    expect([...faultKinds, ...workloadNames].filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })
})
