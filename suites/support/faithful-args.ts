const nested = (levels: number): unknown => {
  let value: unknown = "deep"
  for (let n = 0; n < levels; n++) value = n % 2 === 0 ? [value] : { n: value }
  return value
}

/** Keys that an object literal could not have. */
const trapped = '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":"x","":"empty key","length":3}'

/** Arguments that JSON carries and that careless code changes, each with words for it. */
export const faithfulArgs: ReadonlyArray<readonly [string, unknown]> = [
  ["unicode", { text: "Grüße 你好 🦀 e\u0301 \u00e9 \u200b \ufeff \u2028\u2029\u0085", "ключ 🔑": "\u{10ffff}" }],
  [
    "strings that look like something else",
    {
      a: "NULL",
      b: "undefined",
      c: "2026-01-01T00:00:00Z",
      d: "1e3",
      e: "  padded  ",
      f: "\r\n",
      g: "[object Object]",
    },
  ],
  ["digits as text", { id: "12345678901234567890", list: ["9007199254740993", "-9007199254740993"] }],
  ["escapes", { text: "\" \\ / \b \f \n \r \t \u0001 \u001f \u007f '; DROP TABLE events; -- %s ${x}" }],
  [
    "numbers at their limits",
    {
      integers: [0, -0, 2 ** 31, 2 ** 32, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 53, 2 ** 63, 2 ** 64],
      smallest: [5e-324, -5e-324, 2.2250738585072014e-308],
      largest: [1.7976931348623157e308, -1.7976931348623157e308],
      fractions: [0.1, 0.1 + 0.2, 1 / 3, 1e21, 1e-7],
    },
  ],
  ["numbers that JSON does not have", { list: [Number.NaN, Infinity, -Infinity], member: Number.NaN }],
  ["empty values", { object: {}, array: [], string: "", nothing: null, no: false, list: [[], {}, "", null] }],
  ["undefined members", { kept: 1, dropped: undefined, inner: { dropped: undefined }, list: [undefined, 1] }],
  ["keys that are traps", JSON.parse(trapped)],
  ["keys that are traps, deeper", { list: [JSON.parse(trapped)] }],
  ["a bare string", "text"],
  ["an empty string", ""],
  ["a bare number", 42],
  ["zero", 0],
  ["null", null],
  ["false", false],
  ["an empty array", []],
  ["an empty object", {}],
  ["deep nesting", nested(200)],
  ["many keys, not in order", Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${299 - n}`, n]))],
  ["keys that look like positions", { 10: "ten", 9: "nine", "01": "text", "-1": "minus" }],
  ["values with a toJSON of their own", { at: { toJSON: () => "as text" }, gone: { toJSON: () => undefined } }],
  ["a function as a member", { kept: 1, dropped: () => 1 }],
]

/** Strings of which it is enough that they are refused whole or stored unaltered. */
export const awkwardStrings: ReadonlyArray<readonly [string, string]> = [
  ["a lone high surrogate", "a\ud83d b"],
  ["a lone low surrogate", "a\udc00 b"],
  ["surrogates in the wrong order", "\udc00\ud83d"],
  ["a NUL", "a\u0000b"],
  ["a NUL at the end", "a\u0000"],
]

const cycle = (): unknown => {
  const value: Record<string, unknown> = {}
  value["self"] = [value]
  return value
}

const throwing = (): never => {
  throw new Error("this value has no JSON")
}

/** Values on which `JSON.stringify` throws. */
export const unserialisableArgs: ReadonlyArray<readonly [string, unknown]> = [
  ["a cycle", cycle()],
  ["a bigint", { n: 1n }],
  ["a bare bigint", 1n],
  ["a toJSON that throws", { inner: { toJSON: throwing } }],
  ["a getter that throws", Object.defineProperty({}, "value", { enumerable: true, get: throwing })],
]
