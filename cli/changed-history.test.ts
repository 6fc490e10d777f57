import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { gauntlet } from "./fixtures/spawn-gauntlet.ts"
import { inProcess as runInProcess } from "./fixtures/in-process.ts"

let dir = ""
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-history-"))
  const args = ["--provider", "mock", "--check", "push/one", "--check", "pull/all", "--out", "good"]
  expect((await gauntlet(args, dir)).code).toBe(0)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const inProcess = (...args: ReadonlyArray<string>) => runInProcess(args, dir)

let copies = 0
/** A copy of the good run with one of its files changed. */
const changed = (file: string, change: (text: string) => string): string => {
  const copy = `copy-${++copies}`
  cpSync(join(dir, "good"), join(dir, copy), { recursive: true })
  const path = join(dir, copy, file)
  writeFileSync(path, change(readFileSync(path, "utf8")))
  return copy
}
const lines = (change: (lines: Array<string>) => ReadonlyArray<string>) =>
  changed("history.ndjson", (text) =>
    change(text.split("\n").slice(0, -1))
      .map((line) => `${line}\n`)
      .join(""),
  )

/** Both commands refuse the folder with exit 2 and one line, say nothing else, and leave its files alone. */
const refused = async (copy: string): Promise<string> => {
  const files = () => readdirSync(join(dir, copy)).map((name) => readFileSync(join(dir, copy, name), "utf8"))
  const before = files()
  const ends = [await inProcess("rejudge", copy, "--write"), await inProcess("report", copy)]
  for (const { code, out } of ends) expect({ code, out }).toEqual({ code: 2, out: "" })
  expect(ends[0]!.err).toBe(ends[1]!.err)
  expect(ends[0]!.err.trimEnd().split("\n")).toHaveLength(1)
  expect(files()).toEqual(before)
  return ends[0]!.err
}

const at = (text: string, line: number) => expect(text).toMatch(new RegExp(String.raw`history\.ndjson, line ${line}: `))

describe("a history that is what was written", () => {
  it("is judged again to the same outcomes, and its reports can be made again", async () => {
    expect(await inProcess("rejudge", "good")).toMatchObject({ code: 0, out: expect.stringContaining("0 changes") })
    expect((await inProcess("report", "good")).code).toBe(0)
    expect((await inProcess("rejudge", "good", "--write")).code).toBe(0)
    expect((await inProcess("rejudge", "good")).code).toBe(0)
  })
})

describe("a history that was changed", () => {
  it("by a cut within a line", async () => {
    const count = readFileSync(join(dir, "good", "history.ndjson"), "utf8").split("\n").length - 1
    const err = await refused(changed("history.ndjson", (text) => text.slice(0, -20)))
    at(err, count)
    expect(err).toContain("is not readable")
  })

  it("by a cut between two lines, in a section or after one", async () => {
    const err = await refused(lines((all) => all.slice(0, 5)))
    at(err, 6)
    expect(err).toContain("ends here without its seal: the file was cut off")
    const first = (all: ReadonlyArray<string>) => all.findIndex((line) => line.includes('"k":"seal"')) + 1
    const whole = await refused(lines((all) => all.slice(0, first(all))))
    expect(whole).toMatch(/ends without the section of \S+ on mock, which run\.json has/)
  })

  it("by a line taken out or two that changed places", async () => {
    const gone = await refused(lines((all) => all.toSpliced(3, 1)))
    at(gone, 4)
    expect(gone).toContain("record 4 stands where record 3 belongs")
    const moved = await refused(lines((all) => [...all.slice(0, 2), all[3]!, all[2]!, ...all.slice(4)]))
    at(moved, 3)
  })

  it("by hand: one value of one record", async () => {
    const err = await refused(lines((all) => all.map((line, n) => (n === 4 ? line.replace(/"t":\d+/, '"t":5') : line))))
    at(err, 5)
    const number = (line: string) => line.replace(/"seqNum":1\b/, '"seqNum":7')
    const copy = lines((all) => all.map(number))
    const where = readFileSync(join(dir, "good", "history.ndjson"), "utf8").split("\n")
    const edited = where.findIndex((line) => number(line) !== line) + 1
    const value = await refused(copy)
    at(value, edited)
    expect(value).toContain("it was changed afterwards")
  })

  it("by a section that stands there twice, or comes from another run", async () => {
    expect(await refused(lines((all) => [...all, ...all]))).toContain("does not have, or has once only")
    const renamed = changed("run.json", (text) => text)
    writeFileSync(join(dir, renamed, "history.ndjson"), "")
    expect(await refused(renamed)).toContain("ends without the section of")
  })

  it("by a later version of the harness", async () => {
    const err = await refused(lines((all) => all.map((line) => line.replace('"schema":1', '"schema":2'))))
    at(err, 1)
    expect(err).toContain("a history of format 2; this version of the harness reads format 1")
  })

  it("is refused by the command as a shell sees it", async () => {
    const { code, out, err } = await gauntlet(["rejudge", lines((all) => all.slice(0, 5))], dir)
    expect({ code, out }).toEqual({ code: 2, out: "" })
    at(err, 6)
  })
})

describe("a run.json that was changed", () => {
  it("by a cut, by hand, or by a later version", async () => {
    expect(await refused(changed("run.json", (text) => text.slice(0, 400)))).toMatch(/is not JSON: .*line \d+/)
    const passed = changed("run.json", (text) => text.replace('"outcome": "pass"', '"outcome": "fail"'))
    expect(await refused(passed)).toContain("its seal says that something was changed afterwards")
    const unsealed = changed("run.json", (text) => text.replace(/,\s*"seal": "\w+"/, ""))
    expect(await refused(unsealed)).toContain("has no seal")
    const later = changed("run.json", (text) => text.replace('"schema": 1', '"schema": 2'))
    expect(await refused(later)).toContain("it has format 2, and format 1 is read")
  })
})
