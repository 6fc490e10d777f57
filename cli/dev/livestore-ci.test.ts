import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { needsOf } from "../../providers/livestore-host/checkout/parts.ts"
import { command as run } from "../commands/run.ts"

const read = (path: string): string => readFileSync(new URL(`../../docs/${path}`, import.meta.url), "utf8")
const page = read("in-livestore-ci.md")
const workflow = read("examples/livestore-ci.yml")

/** The flags of every "gauntlet run" in a text, continued lines too. */
const flagsIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/gauntlet run (?:[^\n]*\\\n)*[^\n]*/g)].flatMap(([line]) =>
    [...line.matchAll(/ --([a-z-]+)/g)].map(([, flag]) => flag ?? ""),
  )

describe("the job for LiveStore's CI", () => {
  it("runs every provider of LiveStore's", () => {
    const keys = /^ +key:\s*\[([^\]]*)\]$/m.exec(workflow)?.[1]?.match(/[\w-]+/g)
    expect(keys?.toSorted()).toEqual([...needsOf.keys()].toSorted())
  })

  it.each([
    ["page", page],
    ["workflow", workflow],
  ])("types no flag that the command does not have: %s", (_, text) => {
    const flags = flagsIn(text)
    expect(flags).toContain("livestore-path")
    expect(flags.filter((flag) => !(flag in run.flags))).toEqual([])
  })

  it("has baselines of the names that the page makes", () => {
    expect(workflow).toContain("livestore/.github/sync-gauntlet/${{ matrix.key }}-*.json")
    expect(page).toContain("livestore/.github/sync-gauntlet/livestore-cf-ws-do-$n.json")
  })
})
