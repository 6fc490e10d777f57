import { describe, expect, it } from "vitest"
import { decodeBackendFrame, decodeClientFrame, encodeFrame, storeKey } from "./wire.ts"

describe("frames", () => {
  it("carry args beside the message, byte for byte, and absent ones as absent", () => {
    const args = [`{"a":"\\n\\u2028\u2028\\ud800","__proto__":1}`, undefined, `""`]
    const rows = args.map((_, index) => [index + 1, index, "n", "c", "s"])
    const message = { t: "push", id: 7, part: 0, parts: 1, events: 3, rows } as const
    expect(decodeClientFrame(encodeFrame(message, args))).toEqual({ message, args })
  })

  it("carry every refusal with its fields", () => {
    const frame = encodeFrame({ t: "refused", id: 1, error: { _tag: "ServerAhead", head: 4, providedParent: 2 } })
    expect(decodeBackendFrame(frame)?.message).toMatchObject({
      error: { _tag: "ServerAhead", head: 4, providedParent: 2 },
    })
  })

  it("keep an absent payload apart from null", () => {
    const hello = { t: "hello", version: 1, storeId: "s", clientId: "c", silenceMs: 1 } as const
    expect(decodeClientFrame(encodeFrame(hello))?.message).not.toHaveProperty("payload")
    expect(decodeClientFrame(encodeFrame({ ...hello, payload: null }))?.message).toHaveProperty("payload", null)
  })

  it.each([
    ["an HTML page", "<html></html>"],
    ["nothing", ""],
    ["half a frame", `{"t":"poke","backendId":"x","he`],
    ["an unknown message", `{"t":"surprise"}`],
    ["a message without a member", `{"t":"poke","backendId":"x"}`],
    ["a line too many", `{"t":"poke","backendId":"x","head":1}\n{}`],
    [
      "a line too few",
      `{"t":"page","id":1,"live":false,"backendId":"x","head":1,"info":{"_tag":"NoMore"},"rows":[[1,0,"n","c","s","d"]]}`,
    ],
    ["bytes", new Uint8Array([1, 2])],
  ])("that are %s are none", (_what, frame) => {
    expect(decodeBackendFrame(frame)).toBeUndefined()
  })
})

describe("the key of a store", () => {
  it("is another one for every name, however alike", async () => {
    const long = "x".repeat(5_000)
    const names = ["a", "A", "a-b", "a_b", "\u00e9", "e\u0301", "\ud800", "\ud801", "\ufffd", long, `${long}y`, "", " "]
    const keys = await Promise.all(names.map(storeKey))
    expect(new Set(keys).size).toBe(names.length)
    expect(keys.every((key) => /^[0-9a-f]{64}$/.test(key))).toBe(true)
  })
})
