import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { readLines } from "./read-lines.ts"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-lines-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const linesOf = async (text: string) => {
  const file = join(dir, "text")
  writeFileSync(file, text)
  const lines: Array<string> = []
  for await (const line of readLines(file)) lines.push(line)
  return lines
}

describe("reading lines", () => {
  it("breaks at newlines and nowhere else", async () => {
    expect(await linesOf('{"a":"\u2028\u2029\r"}\n\n{"b":1}\n')).toEqual(['{"a":"\u2028\u2029\r"}', "", '{"b":1}'])
  })

  it("gives a last line that was cut off, and nothing for an empty file", async () => {
    expect(await linesOf("one\ntw")).toEqual(["one", "tw"])
    expect(await linesOf("")).toEqual([])
  })

  it("joins lines longer than what is read at once, whatever their letters", async () => {
    const long = "ä€😀".repeat(40_000)
    expect(await linesOf(`${long}\n${long}`)).toEqual([long, long])
  })
})
