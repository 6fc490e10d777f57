import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { commands } from "../commands.ts"
import { registry } from "../../providers/registry.ts"

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

describe("continuous integration", () => {
  it("has a job for every provider of the registry", () => {
    const keys = /^ +key:\s*\[([^\]]*)\]$/m.exec(read(".github/workflows/ci.yml"))?.[1]
    expect(keys?.match(/[\w-]+/g)).toEqual(registry.map(({ key }) => key))
  })

  it("runs all shards of the nightly simulation, each once", () => {
    const workflow = read(".github/workflows/ci.yml")
    expect(workflow).toMatch(/gauntlet sim --seeds 100000 .*\n? +--shard \$\{\{ matrix\.shard \}\}/)
    const shards = /^ +shard: \[(.*)\]$/m.exec(workflow)?.[1]?.split(", ") ?? []
    expect(shards.length).toBeGreaterThan(1)
    expect(shards).toEqual(shards.map((_, n) => `${n + 1}/${shards.length}`))
  })

  it("is red at night when the canary is not convicted, or a planted bug is not caught", () => {
    const workflow = read(".github/workflows/ci.yml")
    expect(workflow).toContain("- run: $PNPM gauntlet run --provider canary --expect-fail\n")
    expect(workflow).toContain("- run: $PNPM gauntlet mutants\n")
    expect(workflow).not.toContain("continue-on-error")
  })

  it("types only commands and flags that there are", async () => {
    const typed = [...read(".github/workflows/ci.yml").matchAll(/\$PNPM gauntlet (\w+)(.*(?:\n +--.*)*)/g)]
    expect(typed.length).toBeGreaterThanOrEqual(4)
    for (const [, name, rest] of typed) {
      const command = (await commands.find((one) => one.name === name)?.load())?.command
      const flags = [...rest!.matchAll(/--([\w-]+)/g)].map(([, flag]) => flag!)
      expect({ name, flags: flags.filter((flag) => !(flag in (command?.flags ?? {}))) }).toEqual({ name, flags: [] })
    }
  })

  it("uses one version of pnpm everywhere", () => {
    const versions = [".github/workflows/ci.yml", ".ci/run", "CONTRIBUTING.md"].flatMap(
      (path) => read(path).match(/pnpm@[\d.]+/g) ?? [],
    )
    expect(versions.length).toBeGreaterThanOrEqual(3)
    expect(new Set(versions).size).toBe(1)
  })
})
