import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { IsOffline, PushRejected, ServerAhead } from "../contract/errors.ts"
import type { EventEncoded } from "../contract/event.ts"
import { declared, e } from "./h.ts"
import { fromNdjson, toNdjson } from "./ndjson.ts"
import { recordEvent } from "./record-event.ts"
import { makeRecorder } from "./recorder.ts"

const begun = () => {
  let nowNs = 5_000
  const recorder = makeRecorder({ nowNs: () => (nowNs += 10) })
  recorder.begin(declared)
  return recorder
}

describe("the recorder", () => {
  it("numbers records from 0 and counts time from its making", () => {
    const recorder = begun()
    const op = recorder.invoke({ client: "a", store: "s", f: "push", batch: [e(1)] })
    expect([op, recorder.ok(op)]).toEqual([1, 2])
    expect(recorder.records().map(({ i, t }) => [i, t])).toEqual([
      [0, 10],
      [1, 20],
      [2, 30],
    ])
    expect(recorder.records()[1]).toMatchObject({ op, client: "a", store: "s", f: "push" })
  })

  it("keeps events as they were at invocation, whatever becomes of them", () => {
    const recorder = begun()
    const args = { mark: "m", list: [1] }
    const event = { ...e(1), args }
    const batch: Array<EventEncoded> = [event]
    recorder.invoke({ client: "a", store: "s", f: "push", batch })
    args.list.push(2)
    ;(event as { seqNum: number }).seqNum = 9
    batch.push(e(2))
    expect(recorder.records()[1]).toMatchObject({ batch: [{ seqNum: 1, args: '{"mark":"m","list":[1]}' }] })
  })

  it("tells refusals, indefinite ends and what is no error apart", () => {
    const recorder = begun()
    recorder.failed(1, new ServerAhead({ head: 4, providedParent: 2 }))
    recorder.failed(1, new PushRejected({ reason: "no swearing" }))
    recorder.failed(1, { _tag: "CursorAhead", cursor: 9, head: 4 })
    recorder.failed(1, new IsOffline({ message: "gone" }))
    recorder.failed(1, { _tag: "SomethingElse" })
    recorder.failed(1, undefined)
    recorder.failed(1, new Error("plain"))
    expect(recorder.records().slice(1)).toMatchObject([
      { k: "refused", error: { tag: "ServerAhead", head: 4, providedParent: 2 } },
      { k: "refused", error: { tag: "PushRejected", message: "no swearing" } },
      { k: "refused", error: { tag: "CursorAhead", head: 4 } },
      { k: "indefinite", error: { tag: "IsOffline", message: "gone" } },
      { k: "indefinite", error: { tag: "SomethingElse" } },
      { k: "indefinite", error: { tag: "UnknownError", message: "undefined" } },
      { k: "indefinite", error: { tag: "UnknownError", message: "plain" } },
    ])
  })

  it("records what is no item as a defect of the pull", () => {
    const recorder = begun()
    const items: ReadonlyArray<unknown> = [
      undefined,
      { events: 1 },
      { events: [], pageInfo: { _tag: "Perhaps" } },
      { events: [], pageInfo: { _tag: "MoreKnown", remaining: Number.NaN } },
    ]
    for (const item of items) recorder.page(7, item)
    expect(recorder.records().slice(1)).toMatchObject(items.map(() => ({ k: "defect", op: 7 })))
  })

  it("lets listeners hear each record once it stands, until they leave", () => {
    const recorder = begun()
    const heard: Array<number> = []
    const leave = recorder.subscribe(({ i }) => heard.push(i, recorder.records().length))
    recorder.note("one")
    leave()
    recorder.note("two")
    expect(heard).toEqual([1, 2])
  })
})

describe("recording an event", () => {
  it("leaves absent arguments absent, and takes what JSON makes of the rest", () => {
    expect("args" in recordEvent({ ...e(1), args: undefined })).toBe(false)
    expect("args" in recordEvent({ ...e(1), args: () => 1 })).toBe(false)
    expect(recordEvent({ ...e(1), args: null }).args).toBe("null")
    expect(recordEvent({ ...e(1), args: { a: undefined, b: Number.NaN, c: "\ud800" } }).args).toBe(
      '{"b":null,"c":"\\ud800"}',
    )
  })

  it("describes what cannot stand in JSON, and never throws", () => {
    const cyclic: Record<string, unknown> = {}
    cyclic["self"] = cyclic
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error("no")
        },
        ownKeys: () => {
          throw new Error("no")
        },
      },
    )
    const events: ReadonlyArray<unknown> = [
      { ...e(1), args: cyclic },
      { ...e(1), args: { big: 1n } },
      { ...e(1), args: hostile },
      { ...e(1), seqNum: Number.NaN },
      { ...e(1), seqNum: "1" },
      { ...e(1), parentSeqNum: 2 ** 53 },
      { ...e(1), seqNum: 1.5 },
      { ...e(1), name: undefined },
      { ...e(1), clientId: Symbol("x") },
      null,
      undefined,
      42,
      hostile,
    ]
    for (const event of events) {
      const recorded = recordEvent(event as EventEncoded)
      expect(recorded.odd).toBeTypeOf("string")
      expect(Number.isFinite(recorded.seqNum) && Number.isFinite(recorded.parentSeqNum)).toBe(true)
    }
    expect(recordEvent({ ...e(1), seqNum: Number.NaN }).seqNum).toBe(0)
    expect(recordEvent({ ...e(1), seqNum: 1.5 }).seqNum).toBe(1.5)
  })
})

describe("a history as ndjson", () => {
  const lines = () => {
    const recorder = begun()
    recorder.invoke({ client: "a", store: "s", f: "push", batch: [e(1)] })
    recorder.end()
    return recorder.records()
  }

  it("comes back as it was, one section for each begin", () => {
    const text = toNdjson(lines()) + "\n" + toNdjson(lines())
    const sections = Result.getOrThrow(fromNdjson(text))
    expect(sections.map(({ records }) => records)).toEqual([lines(), lines()])
    expect(sections[0]!.begin).toMatchObject({ k: "begin", check: "test" })
    expect(Result.getOrThrow(fromNdjson(""))).toEqual([])
  })

  it("names the line that is broken, and how", () => {
    const why = (text: string) =>
      Result.match(fromNdjson(text), { onSuccess: () => undefined, onFailure: (error) => error })
    const good = toNdjson(lines())
    expect(why(`${good}{"k":"ok"`)).toMatchObject({
      line: 4,
      message: expect.stringContaining("line 4 of the history: not JSON") as string,
    })
    expect(why(`${good}{"k":"okay","i":1,"t":1}\n`)?.message).toBe(
      'line 4 of the history: no kind of record is called "okay"',
    )
    expect(why(`${good}{"k":"ok","i":1,"t":1}\n`)?.message).toContain('no well-formed record of kind "ok": Missing key')
    expect(why('{"k":"end","i":0,"t":0}')?.message).toBe(
      'line 1 of the history: a record of kind "end" stands before any "begin"',
    )
  })
})
