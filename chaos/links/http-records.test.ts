import { describe, expect, it } from "vitest"
import { makeRecordSplitter, recordFormatOf, type RecordFormat } from "./http-records.ts"

const format = (contentType: string): RecordFormat => recordFormatOf(contentType) as RecordFormat

describe("records of a streamed body", () => {
  it("are known by the content type", () => {
    const types = ["text/event-stream; charset=utf-8", "Application/X-NDJSON", "application/jsonl", "application/json"]
    expect(types.map((type) => recordFormatOf(type)?.separator)).toEqual(["\n\n", "\n", "\n", undefined])
  })

  it.each([
    ["text/event-stream", "data: 1\n\nid: 7\ndata:2\ndata: 3\n\n: quiet\n\ndata: 4", ["1", "2\n3", ""], "data: 4"],
    ["application/x-ndjson", `{"a":1}\r\n\n{"b":2}\n{"c"`, [`{"a":1}`, "", `{"b":2}`], `{"c"`],
  ])("of %s are cut at their ends, however the bytes come", (contentType, text, records, rest) => {
    const { read } = format(contentType)
    for (let at = 0; at <= text.length; at++) {
      const splitter = makeRecordSplitter(format(contentType))
      const cut = [text.slice(0, at), text.slice(at)].flatMap((part) => splitter.feed(Buffer.from(part)))
      expect(cut.map(read), `cut at ${at}`).toEqual(records)
      expect([splitter.waitingBytes(), splitter.rest().toString()]).toEqual([rest.length, rest])
    }
  })

  it("say what was written into them", () => {
    for (const contentType of ["text/event-stream", "application/x-ndjson"]) {
      const { read, write } = format(contentType)
      expect(read(write("<html>"))).toBe("<html>")
    }
    expect(format("text/event-stream").write("a\nb").toString()).toBe("data: a\ndata: b\n\n")
  })
})
