import { describe, expect, it } from "vitest"
import { ArgsTexts } from "./args-texts.ts"

describe("the JSON of arguments that are recorded again and again", () => {
  it("is what JSON.stringify gives, whatever was seen under that mark before", () => {
    const before = { mark: "a-1", n: 0, text: "x", on: true, none: null }
    const others: ReadonlyArray<object> = [
      { ...before },
      { ...before, n: -0 },
      { ...before, n: 1 },
      { ...before, n: Number.NaN },
      { ...before, n: Number.NaN },
      { ...before, text: "y" },
      { ...before, more: 1 },
      { mark: "a-1" },
      { n: 0, mark: "a-1", text: "x", on: true, none: null },
      { ...before, n: undefined },
      { ...before, n: { deep: [1] } },
      { ...before, toJSON: () => "other" },
      Object.assign([1], { mark: "a-1" }),
      Object.assign(Object.create({ inherited: 1 }), before),
      JSON.parse('{"mark":"a-1","n":0,"text":"x","on":true,"none":null,"__proto__":1}'),
      new (class {
        mark = "a-1"
        toJSON() {
          return "of a class"
        }
      })(),
    ]
    for (const first of others) {
      const texts = new ArgsTexts()
      expect(texts.of(first)).toBe(JSON.stringify(first))
      for (const other of [before, ...others]) expect(texts.of(other)).toBe(JSON.stringify(other))
    }
  })

  it("tells what was changed since, in the same object", () => {
    const texts = new ArgsTexts()
    const args = { mark: "a-1", n: 1 }
    expect(texts.of(args)).toBe('{"mark":"a-1","n":1}')
    args.n = 2
    expect(texts.of(args)).toBe('{"mark":"a-1","n":2}')
  })

  it("throws where JSON.stringify does", () => {
    expect(() => new ArgsTexts().of({ mark: "a-1", n: 1n })).toThrow("BigInt")
  })
})
