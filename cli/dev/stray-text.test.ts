import { describe, expect, it } from "vitest"
import { strayText } from "./stray-text.ts"

/** Puts a path together here, so that this file does not hold what it looks for. */
const path = (...parts: ReadonlyArray<string>): string => ["", ...parts].join("/")

describe("text that ties a file to one machine", () => {
  it.each([
    ["a home folder", `const file = "${path("home", "someone", "notes.txt")}"`],
    ["the superuser's folder", `see ${path("root", "data")}`],
    ["a folder of macOS", `cd ${path("Users", "someone")}`],
    ["a temporary path", `open("${path("tmp", "out")}")`],
    ["a file URL", `import "file:/${path("", "srv")}"`],
    ["a registry", `${"registry"}=${"https"}://example.org`],
    ["a leftover of a merge", `${"<".repeat(7)} ours`],
  ])("is found: %s", (_, line) => {
    expect(strayText("a.ts", `first\n${line}`)).toEqual([expect.stringMatching(/^a\.ts:2 holds a /)])
  })

  it.each([
    ["a part of an address", `https://example.org${path("home", "page")}`],
    ["a relative path", `.${path("root", "data")}`],
    ["a folder's name by itself", "the root, and home/"],
    ["a path inside another", `node_modules${path("work", "x")}`],
  ])("is not: %s", (_, line) => {
    expect(strayText("a.ts", line)).toEqual([])
  })
})
