import { stripVTControlCharacters } from "node:util"
import { describe, expect, it } from "vitest"
import { check, failure, providerRun, runOf, sentence } from "../harness/fixtures/small-run.ts"
import { toTerminal, wrap } from "./terminal.ts"

const run = runOf(
  [
    providerRun("mock", [check(), check({ id: "pull/all", clause: "pull/all" })]),
    providerRun("other", [check({ outcome: "unknown", reason: "no inspect" }), failure], {
      unlock: ["add inspect to unlock 4 clauses"],
      stale: ["pull/all passes"],
    }),
  ],
  { unavailable: [{ provider: "electric-docker", missing: "Docker does not answer: start it" }] },
)
const plain = toTerminal(run, { colour: false, columns: 100 })

describe("a run on a terminal", () => {
  it("begins with the matrix, aligned and readable without colour", () => {
    expect(plain.split("\n").slice(0, 6)).toEqual([
      "      mock  other",
      "push  1     0 1?",
      "pull  1     0 1F",
      "all   2     0 1F 1?",
      "",
      "number alone passed · ? unknown · F fail",
    ])
    expect(plain).not.toContain("\x1b[")
  })

  it("tells each failure with its sentence and what runs it again", () => {
    expect(plain).toContain("✗ fail  other  pull/suffix#digits  cursor-skip (7 anomalies found)")
    expect(plain.replaceAll(/\n {4}/g, " ")).toContain(sentence)
    expect(plain).toContain(`again: ${failure.replay}`)
  })

  it("tells the end of the backend's log under a failure that has one, and nothing of it elsewhere", () => {
    const log = Array.from({ length: 8 }, (_, n) => `0.00${n} s  line ${n}`)
    const told = toTerminal(runOf([providerRun("other", [{ ...failure, log }])]), { colour: false, columns: 100 })
    expect(told.match(/log: .*/g)).toEqual(log.slice(-5).map((line) => `log: ${line}`))
    expect(plain).not.toContain("log:")
  })

  it("ends with what is missing, what is stale and the verdict", () => {
    expect(plain).toContain("electric-docker is not available: Docker does not answer: start it")
    expect(plain).toContain("other: add inspect to unlock 4 clauses")
    expect(plain).toContain("stale deviation: pull/all passes")
    expect(plain.trimEnd().split("\n").at(-1)).toBe(
      "Not conformant: 1 failure on other; 1 stale deviation; 1 MUST not judged (2.0 s)",
    )
  })

  it("says the same in colour", () => {
    const coloured = toTerminal(run, { colour: true, columns: 100 })
    expect(coloured).toContain("\x1b[1;31m✗ fail\x1b[0m")
    expect(stripVTControlCharacters(coloured)).toBe(plain)
  })

  it("puts providers that do not fit into a further block", () => {
    const many = runOf(Array.from({ length: 5 }, (_, index) => providerRun(`provider-${index}`, [check()])))
    const lines = toTerminal(many, { colour: false, columns: 40 }).split("\n")
    expect(lines.filter((line) => line.includes("provider-"))).toEqual([
      "      provider-0  provider-1  provider-2",
      "      provider-3  provider-4",
    ])
    const matrix = lines.slice(0, lines.indexOf("As declared: 5 checks on 5 providers (2.0 s)"))
    expect(matrix.length).toBeGreaterThan(4)
    expect(matrix.every((line) => line.length <= 40)).toBe(true)
  })

  it("tells at most thirty failures and counts the others", () => {
    const failures = Array.from({ length: 33 }, (_, index) => ({ ...failure, id: `pull/suffix#${index}` }))
    const text = toTerminal(runOf([providerRun("mock", failures)]), { colour: false, columns: 100 })
    expect(text.match(/again:/g)).toHaveLength(30)
    expect(text).toContain("and 3 more in the report")
  })

  it("breaks lines at spaces only", () => {
    expect(wrap("one two three four five six", 20)).toEqual(["one two three four", "five six"])
    expect(wrap("a-word-that-is-longer-than-the-line", 20)).toEqual(["a-word-that-is-longer-than-the-line"])
  })
})
