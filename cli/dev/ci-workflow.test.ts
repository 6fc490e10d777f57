import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { judgedProviders, registry } from "../../providers/registry.ts"

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

describe("continuous integration", () => {
  it("has a job for every provider of a plain run, and for every other one of the project itself", () => {
    const keys = /^ +key:\s*\[([^\]]*)\]$/m.exec(read(".github/workflows/ci.yml"))?.[1]
    expect(keys?.match(/[\w-]+/g)).toEqual(
      judgedProviders.filter((one) => registry.includes(one) || one.origin === "project").map(({ key }) => key),
    )
  })

  it("leaves what takes long to the nightly", () => {
    expect(read(".github/workflows/ci.yml")).not.toMatch(/schedule|--full|gauntlet/)
  })

  it("uses one version of pnpm everywhere", () => {
    const versions = [
      ".github/workflows/ci.yml",
      ".github/workflows/nightly.yml",
      ".ci/run",
      "CONTRIBUTING.md",
    ].flatMap((path) => read(path).match(/pnpm@[\d.]+/g) ?? [])
    expect(versions.length).toBeGreaterThanOrEqual(4)
    expect(new Set(versions).size).toBe(1)
  })
})
