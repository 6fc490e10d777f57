import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { readAppEffects } from "../../providers/livestore-host/app-effects.ts"
import { findings } from "../../providers/livestore-host/findings.ts"
import { mutants } from "../../providers/mutants/index.ts"
import { appEffectsDocUrl, renderAppEffects } from "./app-effects-doc.ts"

describe("the page about what it does to an app", () => {
  it("is what the observations render to; after a change run: node cli/dev/app-effects-doc.ts", () => {
    expect(readFileSync(appEffectsDocUrl, "utf8")).toBe(renderAppEffects())
  })

  it("tells of findings and planted bugs that there are, each case once", () => {
    const records = readAppEffects()
    const known = new Set([...findings.map(({ demonstration }) => demonstration), ...mutants.map(({ id }) => id)])
    const told = records.flatMap(({ finding, mutant }) => finding ?? mutant ?? [])
    expect(told.filter((id) => !known.has(id))).toEqual([])
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length)
  })

  it("has a healthy backend, under which nothing is noticed", () => {
    const healthy = readAppEffects().find(({ id }) => id === "healthy-day")
    expect(healthy?.observed.effect).toBe("nothing")
  })
})
