import type { Json } from "../../contract/json.ts"

const nested = (levels: number): Json => {
  let value: Json = "deep"
  for (let n = 0; n < levels; n++) value = n % 2 === 0 ? { inner: value } : [value]
  return value
}

/** Payloads that break encoders: unicode, quotes, URL characters, literals that look like absence, deep nesting. */
export const awkwardPayloads: ReadonlyArray<Json> = [
  null,
  {},
  [],
  "",
  "undefined",
  false,
  0,
  { a: null, small: -1.5e-7 },
  { text: "quotes \" ' ` \\ and \n\t\u0001 controls", unicode: "Grüße 你好 🦀 \u2028\u2029 e\u0301 \u00e9" },
  { url: "a=b&c=d#e?f%20g+h/../i;j:k@l", percent: "%7B%22already%22%3A%22encoded%22%7D" },
  JSON.parse('{"__proto__":{"admin":true},"constructor":1,"":"empty key"}') as Json,
  nested(60),
]

/** A payload of exactly this many bytes as JSON in UTF-8, with quotes, URL characters and letters of several bytes in it. */
export const payloadOfSize = (sizeBytes: number): Json => {
  const payload = (pad: string) => ({ end: 'é"&=#%', pad })
  const bareBytes = new TextEncoder().encode(JSON.stringify(payload(""))).length
  return payload("x".repeat(Math.max(0, sizeBytes - bareBytes)))
}
