import { describe, expect, it } from "vitest"
import { e, H, namesIn, offline, sentencesIn } from "../h.ts"

const other = (seqNum: number) => e(seqNum, { clientId: "b", args: { mark: `other${seqNum}` } })

describe("fork", () => {
  it("is two values at one position, shown to two clients", () => {
    const h = new H()
    h.acked("a", [e(1)])
      .failed("b", [other(1)], offline)
      .reads("a", [e(1)])
      .reads("b", [other(1)])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 1.000 s returned event 1 as client b pushed it at 0.400 s; the backend had acknowledged 1 to client a at 0.300 s with other values (clientId b instead of a); therefore position 1 has two values.",
      ]
    `)
  })

  it("is an acknowledgement of what others see differently", () => {
    const h = new H()
    const mine = h.push("a", [e(1)])
    h.failed("b", [other(1)], offline).reads("c", [other(1)])
    h.record.ok(mine)
    expect(namesIn(h)).toEqual(["fork"])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client a's push at 0.200 s was acknowledged at 0.800 s with event 1; client c had been given 1 at 0.600 s with other values (clientId a instead of b); therefore position 1 has two values.",
      ]
    `)
  })

  it("is not two pushes of which one landed", () => {
    const h = new H()
    h.acked("a", [e(1)])
      .ahead("b", [other(1)], 1)
      .reads("a", [e(1)])
      .reads("b", [e(1)])
      .truth([e(1)])
    expect(namesIn(h)).toEqual([])
  })

  it("is not one position in two lives", () => {
    const h = new H()
    h.acked("a", [e(1)])
      .life("wipe")
      .client("b")
      .acked("b", [other(1)])
      .reads("b", [other(1)])
      .truth([other(1)])
    expect(namesIn(h)).toEqual([])
  })

  it("lets either of two indefinite pushes be there", () => {
    for (const landed of [e(1), other(1)]) {
      const h = new H()
      h.failed("a", [e(1)], offline)
        .failed("b", [other(1)], offline)
        .reads("c", [landed])
        .truth([landed])
      expect(namesIn(h)).toEqual([])
    }
  })
})

describe("corrupted", () => {
  it("is an event whose arguments changed", () => {
    const h = new H()
    h.acked("a", [e(1, { args: { mark: "m1", n: 0.1 } })]).reads("b", [e(1, { args: { mark: "m1", n: 0.2 } })])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.500 s returned event 1 with args {"mark":"m1","n":0.2} instead of {"mark":"m1","n":0.1}; client a pushed event 1 at 0.200 s; therefore the values of an event changed on the way.",
      ]
    `)
  })

  it("is an event that was given another number", () => {
    const h = new H()
    h.acked("a", [e(1)]).reads("b", [e(2, { args: { mark: "m1" } })])
    expect(sentencesIn(h)[0]).toContain("returned event 2 with seqNum 2 instead of 1")
  })

  it("is an event without its arguments, or with null in their place", () => {
    for (const args of [undefined, null]) {
      const h = new H()
      const changed = { ...e(1), args }
      expect(namesIn(h.acked("a", [e(1, { args: { mark: "m1" } })]).reads("b", [changed]))).toEqual(["corrupted"])
    }
  })

  it("is not another order of keys, an undefined member dropped, or absent arguments kept absent", () => {
    const h = new H()
    const { args: _args, ...bare } = e(2)
    h.acked("a", [e(1, { args: { mark: "m1", x: { y: 1, z: [1, 2] }, gone: undefined } }), bare])
    h.reads("b", [e(1, { args: { x: { z: [1, 2], y: 1 }, mark: "m1" } }), { ...e(2), args: undefined }])
    expect(namesIn(h)).toEqual([])
  })

  it("compares a deep value without running out of stack", () => {
    const deep = (tail: string) => JSON.parse(`${"[".repeat(3_000)}${tail}${"]".repeat(3_000)}`) as unknown
    const h = new H()
    h.acked("a", [e(1, { args: { deep: deep("1"), mark: "m1" } })])
    h.reads("b", [e(1, { args: { mark: "m1", deep: deep("1") } })])
    expect(namesIn(h)).toEqual([])
    expect(namesIn(h.reads("b", [e(1, { args: { mark: "m1", deep: deep("2") } })]))).toEqual(["corrupted"])
  })
})

describe("phantom", () => {
  it("is an event that nobody pushed", () => {
    const h = new H()
    h.acked("a", [e(1)]).reads("b", [e(1), e(2)])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.500 s returned event 2 (gauntlet.event of client a); nobody had pushed it; therefore the event came from nowhere.",
      ]
    `)
  })

  it("is one in storage, too", () => {
    expect(namesIn(new H().truth([e(1)]))).toEqual(["phantom"])
  })

  it("is not an event shown before its push was answered, or after it ended indefinitely", () => {
    const h = new H()
    const push = h.push("a", [e(1)])
    h.reads("b", [e(1)])
    h.record.ok(push)
    h.failed("a", [e(2)], offline).reads("b", [e(1), e(2)])
    expect(namesIn(h)).toEqual([])
  })
})

describe("store-bleed", () => {
  it("is another store's event", () => {
    const h = new H()
    h.in("t").acked("a", [e(1)])
    h.in("s").reads("b", [e(1)])
    expect(sentencesIn(h)).toMatchInlineSnapshot(`
      [
        "client b's pull at 0.500 s returned event 1 of store "s"; client a pushed event 1 at 0.200 s to store "t" and nobody pushed that event here; therefore one store's event reached another.",
      ]
    `)
  })

  it("is known by the mark when the event was altered on the way", () => {
    const h = new H()
    h.acked("b", [other(1)])
    h.in("t").acked("a", [e(1)])
    h.in("s").reads("b", [other(1), e(2, { args: { mark: "m1" } })])
    expect(namesIn(h)).toEqual(["store-bleed"])
  })

  it("is not one client's events in two stores", () => {
    const h = new H()
    h.in("t")
      .acked("a", [e(1)])
      .reads("b", [e(1)])
    h.in("s")
      .acked("a", [e(1)])
      .reads("b", [e(1)])
    expect(namesIn(h)).toEqual([])
  })
})
