import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { everyProvider, judgedProviders } from "../../providers/registry.ts"
import { commands } from "../commands.ts"

const workflow = readFileSync(new URL("../../.github/workflows/nightly.yml", import.meta.url), "utf8")
const scripts = (
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>
  }
).scripts

/** The text of one job. */
const job = (name: string): string => new RegExp(`^  ${name}:\\n((?:    .*\\n|\\n)*)`, "m").exec(workflow)?.[1] ?? ""

/** A list in brackets, on one line or on several. */
const list = (text: string, name: string): ReadonlyArray<string> =>
  new RegExp(`^ +${name}:\\s*\\[([^\\]]*)\\]$`, "m").exec(text)?.[1]?.match(/[\w/-]+/g) ?? []

describe("the nightly", () => {
  it("runs every check on every provider of this project that needs nobody's URL, and on published ones", () => {
    const keys = judgedProviders.filter(({ key }) => !key.endsWith("-url")).map(({ key, origin }) => ({ key, origin }))
    const listed = list(job("full"), "key")
    expect(listed.filter((key) => !keys.some((one) => one.key === key))).toEqual([])
    const own = keys.filter(({ origin }) => origin !== "published").map(({ key }) => key)
    expect(listed).toEqual(expect.arrayContaining(own))
    expect(listed.length).toBeGreaterThan(own.length)
    expect(job("full")).toContain("gauntlet run --full --provider")
  })

  it("simulates the mock and the core of the Cloudflare provider", () => {
    expect(list(job("simulation"), "provider")).toEqual(["mock", "cf-core", "cf-core-d1"])
    expect(job("simulation")).toContain("gauntlet sim --provider ${{ matrix.provider }}")
  })

  it("runs all shards of simulation and campaigns, each once", () => {
    for (const shards of [list(job("simulation"), "shard"), list(job("chaos"), "part")]) {
      expect(shards.length).toBeGreaterThan(1)
      expect(shards).toEqual(shards.map((_, n) => `${n + 1}/${shards.length}`))
    }
  })

  it("judges the shards of each campaign as a whole", () => {
    expect(list(job("chaos-whole"), "provider")).toEqual(list(job("chaos"), "provider"))
    expect(job("chaos-whole")).toMatch(/needs: chaos\n +if: always\(\)/)
    expect(job("chaos-whole")).toContain("gauntlet merge shards/*/campaign.json")
    expect(job("chaos")).toContain("> reports/out/chaos/campaign.json")
  })

  it("has seeds that no night before has had", () => {
    expect(job("simulation")).toContain("--start $(( (GITHUB_RUN_NUMBER - 1) * 100000 + 1 ))")
    for (const name of ["full", "chaos", "soak"]) expect(job(name)).toContain("--seed $GITHUB_RUN_NUMBER")
  })

  it("is red when the canary is not convicted, a planted bug is not caught, or a known bug has gone", () => {
    expect(job("judge")).toContain("- run: $PNPM gauntlet run --provider canary --expect-fail\n")
    expect(job("judge")).toContain("- run: $PNPM gauntlet mutants\n")
    expect(job("bugs")).toContain("- run: $PNPM gauntlet bugs --times 3\n")
    expect(workflow).not.toContain("continue-on-error")
  })

  it("names only providers that there are", () => {
    const keys = new Set([...everyProvider.map(({ key }) => key), "canary"])
    const named = [...workflow.matchAll(/--provider ([\w-]+)/g)].map(([, key]) => key!)
    expect(
      [...named, ...list(job("chaos"), "provider"), ...list(job("simulation"), "provider")].filter(
        (key) => !keys.has(key),
      ),
    ).toEqual([])
  })

  it("types only commands and flags that there are", async () => {
    const typed = [...workflow.matchAll(/\$PNPM (?:--silent )?(?:gauntlet )?(\w+)(.*(?:\n +--.*)*)/g)].filter(
      ([, name]) => !["test", "install", "kills"].includes(name!),
    )
    expect(typed.length).toBeGreaterThanOrEqual(8)
    for (const [, name, rest] of typed) {
      const command = (await commands.find((one) => one.name === name)?.load())?.command
      const flags = [...rest!.matchAll(/ --([\w-]+)/g)].map(([, flag]) => flag!)
      expect({ name, flags: flags.filter((flag) => !(flag in (command?.flags ?? {}))) }).toEqual({ name, flags: [] })
    }
    expect(scripts).toMatchObject({ soak: "node cli/gauntlet.mjs soak", kills: "node cli/dev/kill-anywhere.ts" })
  })
})
