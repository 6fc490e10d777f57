import { describe, expect, it } from "vitest"
import { decodeAnswer, encodeBody, encodeHeldFrame, heldFrames, splitRequest } from "./http-wire.ts"
import { encodeFrame } from "./wire.ts"

const pushed = { t: "pushed", id: 3, backendId: "life", head: 2, digest: "d" } as const
const ended = { t: "refused", error: { _tag: "PayloadRejected", message: "no" } } as const
const page = {
  t: "page",
  id: 4,
  live: false,
  backendId: "life",
  head: 2,
  info: { _tag: "NoMore" },
  rows: [
    [1, 0, "n", "c", "s", "d1"],
    [2, 1, "n", "c", "s", "d2"],
  ],
} as const

describe("bodies of requests and answers", () => {
  it("carry a hello and the lines of one frame, and a hello alone", () => {
    expect(splitRequest(encodeBody(["hello", "push\n\n{}"]))).toEqual({ hello: "hello", frame: "push\n\n{}" })
    expect(splitRequest(encodeBody(["hello"]))).toEqual({ hello: "hello", frame: undefined })
  })

  it("are not whole without their last line feed, also where the last line is empty", () => {
    const whole = encodeBody(["hello", "push\n{}\n"])
    expect(splitRequest(whole)).toEqual({ hello: "hello", frame: "push\n{}\n" })
    for (const cut of ["", "hello", whole.slice(0, -2) + "x"]) expect(splitRequest(cut)).toBeUndefined()
  })

  it("answer with one frame, and with the end of the connection behind it", () => {
    const both = encodeBody([encodeFrame(page, [undefined, `"a"`]), encodeFrame(ended)])
    expect(decodeAnswer(both)).toMatchObject([
      { message: { t: "page" }, args: [undefined, `"a"`] },
      { message: { t: "refused" }, args: [] },
    ])
  })

  it.each([
    ["an HTML page", "<!doctype html>\n<html></html>\n"],
    ["nothing", ""],
    ["an answer without its last line feed", encodeFrame(pushed)],
    ["a page without its last line", encodeBody([encodeFrame(page, [undefined])])],
    ["an answer and something behind it", `${encodeBody([encodeFrame(pushed)])}x\n`],
  ])("are none of the protocol: %s", (_what, body) => {
    expect(decodeAnswer(body)).toBeUndefined()
  })
})

describe("frames of a held answer", () => {
  const frames = ["one", "two", "three"]
  const text = frames.map(encodeHeldFrame).join("")

  it("come out whole however their text is cut", () => {
    for (let size = 1; size <= text.length; size++) {
      const read = heldFrames()
      const out: Array<string | undefined> = []
      for (let at = 0; at < text.length; at += size) out.push(...read(text.slice(at, at + size)))
      expect(out).toEqual(frames)
    }
  })

  it("are told from what is none, also from text without an end", () => {
    expect(heldFrames()("<html></html>\n\n")).toEqual([undefined])
    expect(heldFrames()("x".repeat(70_000))).toEqual([undefined])
  })
})
