import { existsSync, readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { deviations } from "../../providers/deviations/deviations.ts"
import { readAppEffects } from "../../providers/livestore-host/app-effects.ts"
import { findings } from "../../providers/livestore-host/findings.ts"
import { findingsDocUrl, renderFindings } from "./findings-doc.ts"

const root = new URL("../../", import.meta.url)
const folder = "providers/livestore/demonstrations/"

describe("the page of findings", () => {
  it("is what deviations and findings render to; after a change run: node cli/dev/findings-doc.ts", () => {
    expect(readFileSync(findingsDocUrl, "utf8")).toBe(renderFindings())
  })

  it("has each script that demonstrates something, once", () => {
    const helpers = new Set(["electric-lab", "frame-proxy", "lab", "relay", "rounds"])
    const scripts = readdirSync(new URL(folder, root)).map((name) => name.replace(/\.ts$/, ""))
    expect(findings.map(({ demonstration }) => demonstration).toSorted()).toEqual(
      scripts.filter((name) => !helpers.has(name)).toSorted(),
    )
  })

  it("says why what nobody noticed in an app counts all the same, and of nothing else", () => {
    const effects = Map.groupBy(readAppEffects(), ({ finding }) => finding)
    const nobodyNoticed = findings.filter(({ demonstration }) =>
      effects.get(demonstration)?.every(({ observed }) => observed.effect === "nothing"),
    )
    const explained = findings.filter(({ unnoticed }) => unnoticed !== undefined)
    expect(explained).toEqual(nobodyNoticed)
  })

  it("has a scenario for each that a check fails of more often than not", () => {
    const often = deviations.filter(({ rate }) => rate === "always" || rate > 0.5)
    const scripts = new Set(often.map(({ demonstration }) => demonstration))
    const without = findings
      .map(({ demonstration }) => demonstration)
      .filter((name) => scripts.has(`${folder}${name}.ts`))
      .filter((name) => !existsSync(new URL(`scenarios/bugs/${name}.json`, root)))
    expect(scripts.size).toBeGreaterThan(40)
    expect(without).toEqual([])
  })

  it("has every deviation of LiveStore's packages under a script that there is", () => {
    const without = deviations
      .filter(({ provider }) => provider.startsWith("livestore-"))
      .filter(({ demonstration }) => demonstration === undefined || !existsSync(new URL(demonstration, root)))
    expect(without.map(({ provider, check }) => `${provider} ${check}`)).toEqual([])
  })
})
