import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { H } from "./h.ts"
import { openSection, sealSection } from "./sealed-section.ts"

const records = () => new H().filled(1, 3).records()
const lines = () => sealSection(records()).text.split("\n").slice(0, -1)
const read = (all: ReadonlyArray<string>) =>
  Result.match(openSection(all), {
    onSuccess: ({ sha256 }) => sha256,
    onFailure: ({ line, message }) => ({ line, message }),
  })

describe("a sealed section", () => {
  it("comes back as it was, with the digest of its seal", () => {
    const { text, sha256 } = sealSection(records())
    expect(text.endsWith("}\n")).toBe(true)
    const opened = Result.getOrThrow(openSection(lines()))
    expect(opened).toMatchObject({ sha256, begin: { k: "begin" } })
    expect(opened.records).toEqual(records())
  })

  it("shows which line is another one now, whichever it is", () => {
    const good = lines()
    for (let n = 0; n < good.length - 1; n++) {
      const edited = good.with(
        n,
        good[n]!.replace(/"t":(\d+)/, (_, t: string) => `"t":${Number(t) + 1}`),
      )
      expect(read(edited)).toEqual({
        line: n + 1,
        message: "this line is not what was written: it was changed afterwards",
      })
    }
  })

  it("is refused without its seal, with another's, and with more behind it", () => {
    const good = lines()
    expect(read(good.slice(0, -1))).toMatchObject({ line: good.length, message: expect.stringContaining("cut off") })
    const other = sealSection(new H().filled(1, 2).records()).text.split("\n").at(-2)!
    expect(read([...good.slice(0, -1), other])).toMatchObject({ line: good.length })
    expect(read([...good, good[1]!])).toMatchObject({ line: good.length + 1 })
    expect(read([])).toMatchObject({ line: 1 })
  })

  it("does not begin within another", () => {
    const good = lines()
    expect(read([...good.slice(0, 3), ...good])).toMatchObject({
      line: 4,
      message: expect.stringContaining("has no seal before the next one begins"),
    })
  })
})
