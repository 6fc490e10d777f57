import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import type { Deviation } from "../contract/deviation.ts"
import { deviations } from "../providers/deviations/deviations.ts"
import { deviationsOf, type Build, type KnownFailure } from "../providers/deviations/known-failure.ts"
import { deviationFiles } from "./deviation-files.ts"

const known: Deviation = {
  check: "pull/digits",
  provider: "theirs",
  fingerprint: "0.9.0",
  anomalies: ["stuck"],
  rate: 0.5,
  reason: "Digits are compared as text.",
  issue: "https://example.org/7",
  expires: "2026-12-01",
}

/** What a reader of these files has: each file's list, evaluated by itself. */
const readBack = async (files: ReadonlyMap<string, string>): Promise<ReadonlyArray<Deviation>> => {
  const lists = await Promise.all(
    [...files]
      .filter(([name]) => name !== "failures.ts")
      .map(async ([name, text]) => {
        const source = text
          .replace(/^import .*\n/, "")
          .replace(/export const \w+: ReadonlyArray<\w+> =/, "export default")
        const module: { readonly default: unknown } = await import(`data:text/javascript,${encodeURIComponent(source)}`)
        return [name, module.default] as const
      }),
  )
  const builds = lists.find(([name]) => name === "builds.ts")?.[1] as ReadonlyArray<Build>
  const failures = lists.filter(([name]) => name !== "builds.ts").flatMap(([, list]) => list as Array<KnownFailure>)
  return deviationsOf(failures, builds)
}

describe("the files of deviations", () => {
  it("give the same list back, whatever build, day, rate and text an entry has", async () => {
    const list: ReadonlyArray<Deviation> = [
      { ...known, check: "cursor/foreign" },
      known,
      { ...known, check: "pull/other-build", fingerprint: "1.0.0" },
      { ...known, check: "pull/other-day", expires: "2027-01-01" },
      { ...known, check: "pull/suffix", rate: "always", anomalies: ["gap", "stuck"] },
      {
        ...known,
        check: "pull/text",
        reason: 'with "quotes" and \\ and `ticks`',
        demonstration: "scripts/digits.ts",
        issue: "untracked",
      },
      { ...known, provider: "yours", rate: 1 },
    ]
    const files = deviationFiles(list)
    expect([...files.keys()].toSorted()).toEqual(["builds.ts", "cursor.ts", "failures.ts", "pull.ts"])
    expect(await readBack(files)).toEqual(list)
  })

  it("say a failure once that several checks of several providers show", () => {
    const list = ["theirs", "yours"].flatMap((provider) =>
      ["pull/digits", "pull/letters"].map((check): Deviation => ({ ...known, provider, check })),
    )
    const pull = deviationFiles(list).get("pull.ts")
    expect(pull?.split(known.reason)).toHaveLength(2)
    expect(pull).toContain('checks: ["pull/digits", "pull/letters"],')
    expect(pull).toContain('providers: ["theirs", "yours"],')
  })

  it("are several for a family that is long", async () => {
    const list = Array.from({ length: 120 }, (_, n): Deviation => ({
      ...known,
      check: `pull/${String(n).padStart(3, "0")}`,
      reason: `reason ${n}`,
    }))
    const files = deviationFiles(list)
    expect([...files.keys()].filter((name) => name.startsWith("pull")).length).toBeGreaterThan(1)
    expect([...files.values()].filter((text) => text.split("\n").length > 400)).toEqual([])
    expect(await readBack(files)).toEqual(list)
  })

  it("join nothing where nothing is listed", () => {
    expect(deviationFiles([]).get("failures.ts")).toContain("failures: ReadonlyArray<KnownFailure> = []")
  })

  it("are here as they would be written again", () => {
    const folder = new URL("../providers/deviations/listed/", import.meta.url)
    const here = readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), "utf8")] as const)
    expect(new Map(here)).toEqual(deviationFiles(deviations))
  })

  it("have a build for each provider", () => {
    const failure: KnownFailure = {
      reason: known.reason,
      shown: [{ checks: ["pull/digits"], providers: ["theirs"], anomalies: ["stuck"] }],
    }
    expect(() => deviationsOf([failure], [])).toThrow("theirs has deviations and no build is listed for it")
  })
})
