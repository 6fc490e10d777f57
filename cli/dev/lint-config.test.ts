import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runTool } from "./run-tool.ts"

const project = fileURLToPath(new URL("../..", import.meta.url))
const simulated = ["history", "chaos/world", "providers/mock", "providers/mutants", "suites", "workloads", "scenarios"]
const withoutPromises = ["providers/mock", "providers/mutants", "suites", "workloads"]

const worldly = [
  "export const a = Math.random()",
  "export const b = Date.now()",
  "export const c = new Date()",
  "export const d = () => setTimeout(() => {}, 1)",
  "export const e = () => setInterval(() => {}, 1)",
  "export const f = crypto.randomUUID()",
  "export const g = globalThis.setTimeout",
].join("\n")
const leaking = 'import { Effect } from "effect"\nexport const a = Effect.promise(() => Promise.resolve(1))'

describe("the lint configuration", () => {
  let root: string
  let findings: ReadonlyArray<string>

  /** Lines of one file that were found fault with. */
  const found = (path: string): ReadonlyArray<string> => {
    const lines = findings.filter((line) => line.startsWith(`${path}:`)).map((line) => line.split(":")[1] ?? "")
    return [...new Set(lines)].toSorted()
  }

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "gauntlet-lint-"))
    copyFileSync(join(project, ".oxlintrc.json"), join(root, ".oxlintrc.json"))
    for (const folder of [...simulated, "harness", "cli"]) {
      mkdirSync(join(root, folder), { recursive: true })
      writeFileSync(join(root, folder, "worldly.ts"), worldly)
      writeFileSync(join(root, folder, "leaking.ts"), leaking)
    }
    writeFileSync(
      join(root, "suites", "focused.test.ts"),
      'import { expect, it } from "vitest"\nit.only("is", () => expect(1).toBe(1))',
    )
    const { output } = await runTool(project, "oxlint", [
      "--format=unix",
      "--config",
      join(root, ".oxlintrc.json"),
      root,
    ])
    findings = output.split("\n").map((line) => line.slice(line.indexOf(root) + root.length + 1).replaceAll("\\", "/"))
  })
  afterAll(() => rmSync(root, { recursive: true }))

  it.each(simulated)("keeps real clocks, timers and randomness out of %s", (folder) => {
    expect(found(`${folder}/worldly.ts`)).toEqual(["1", "2", "3", "4", "5", "6", "7"])
  })

  it.each(withoutPromises)("keeps promises, which leave the virtual world, out of %s", (folder) => {
    expect(found(`${folder}/leaking.ts`)).toEqual(["2"])
  })

  it.each(["harness", "cli"])("lets %s use both", (folder) => {
    expect([...found(`${folder}/worldly.ts`), ...found(`${folder}/leaking.ts`)]).toEqual([])
  })

  it("finds a test that runs alone", () => {
    expect(found("suites/focused.test.ts")).toEqual(["2"])
  })
})
