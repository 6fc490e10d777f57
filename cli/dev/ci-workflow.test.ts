import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { registry } from "../../providers/registry.ts"

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

describe("continuous integration", () => {
  it("has a job for every provider of the registry", () => {
    const keys = /^ +key: \[(.*)\]$/m.exec(read(".github/workflows/ci.yml"))?.[1]
    expect(keys?.split(", ")).toEqual(registry.map(({ key }) => key))
  })

  it("uses one version of pnpm everywhere", () => {
    const versions = [".github/workflows/ci.yml", ".ci/run", "CONTRIBUTING.md"].flatMap(
      (path) => read(path).match(/pnpm@[\d.]+/g) ?? [],
    )
    expect(versions.length).toBeGreaterThanOrEqual(3)
    expect(new Set(versions).size).toBe(1)
  })
})
