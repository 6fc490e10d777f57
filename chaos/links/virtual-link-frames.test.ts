import { describe, expect, it } from "vitest"
import type { LinkFault } from "../../contract/fault.ts"
import { line, virtualFixture, type FixtureOptions } from "./virtual-fixture.ts"

const push = (id: string) => line("push", "request", id)
const acknowledged = (id: string) => line("push", "answer", id)
const page = (id: string) => line("live", "page", id)

/** A connection that stands, with its handshake done. */
const connected = (options: FixtureOptions = {}) => {
  const world = virtualFixture(options)
  const client = world.dial()
  return { ...world, client, server: world.backend() }
}

const pushAnswer = { direction: "down", operation: "push", role: "answer" } as const

describe("frames on a virtual link", () => {
  it("are put together from chunks, noted with their labels, and delivered as they were sent", () => {
    const { client, server, run, link, events } = connected()
    const sent = push("1") + push("2")
    for (const piece of [sent.slice(0, 10), sent.slice(10, 70), sent.slice(70)]) client.socket.send(piece)
    server.socket.send(page("9"))
    run()
    expect(server.chunks).toEqual([push("1"), push("2")])
    expect(client.text()).toBe(page("9"))
    expect(link.lastFrames()).toEqual([
      "up connect request",
      "down connect answer",
      "up push request 1",
      "up push request 2",
      "down live page 9",
    ])
    expect(link.counters()).toMatchObject({ framesUp: 2, framesDown: 1 })
    expect(events.at(-1)).toEqual({
      kind: "frame",
      direction: "down",
      label: "live page 9",
      sizeBytes: page("9").length,
    })
  })

  it("keep only the last sixteen labels", () => {
    const { client, run, link } = connected()
    for (let id = 1; id <= 20; id++) client.socket.send(push(`${id}`))
    run()
    expect(link.lastFrames()).toHaveLength(16)
    expect(link.lastFrames()[0]).toBe("up push request 5")
  })

  it("that are unfinished when their sender closes arrive as they are", () => {
    const { client, server, run } = connected()
    client.socket.send("{half")
    client.socket.close()
    run()
    expect(server.text()).toBe("{half")
    expect(server.closed()).toBe(true)
  })

  it("that the classifier cannot read are passed on as other", () => {
    const { client, server, run, link } = connected()
    client.socket.send("no json\n")
    run()
    expect(server.text()).toBe("no json\n")
    expect(link.lastFrames().at(-1)).toBe("up other")
  })
})

describe("frame faults on a virtual link", () => {
  it("drop swallows the nth frame that matches and as many as it says, and no other", () => {
    const { client, server, run, link } = connected()
    const fault = link.fault({ kind: "drop", match: { operation: "push", direction: "up", nth: 2, times: 2 } })
    for (const frame of [
      line("ping", "request"),
      push("1"),
      push("2"),
      line("pull", "request"),
      push("3"),
      push("4"),
    ]) {
      client.socket.send(frame)
    }
    run()
    expect(server.text()).toBe(line("ping", "request") + push("1") + line("pull", "request") + push("4"))
    expect([fault.bit(), link.counters().touched, link.counters().framesUp]).toEqual([2, 2, 4])
  })

  it("drop of an answer leaves the operation done and nobody told", () => {
    const { client, server, run, link } = connected()
    const fault = link.fault({ kind: "drop", match: pushAnswer })
    client.socket.send(push("1"))
    run()
    server.socket.send(acknowledged("1"))
    server.socket.send(acknowledged("2"))
    run()
    expect(server.text()).toBe(push("1"))
    expect(client.text()).toBe(acknowledged("2"))
    expect(fault.bit()).toBe(1)
  })

  it("drop without end takes every match until it heals", () => {
    const { server, client, run, link } = connected()
    const fault = link.fault({ kind: "drop", match: { role: ["page", "poke"], times: Infinity } })
    for (const frame of [page("1"), line("live", "poke"), acknowledged("1"), page("2")]) server.socket.send(frame)
    fault.heal()
    server.socket.send(page("3"))
    run()
    expect(client.text()).toBe(acknowledged("1") + page("3"))
    expect(fault.bit()).toBe(3)
  })

  it("a frame that the first fault takes is not taken by the second, which takes the next", () => {
    const { client, server, run, link } = connected()
    link.fault({ kind: "drop", match: { operation: "push" } })
    link.fault({ kind: "duplicate", match: { operation: "push" } })
    for (const id of ["1", "2", "3"]) client.socket.send(push(id))
    run()
    expect(server.text()).toBe(push("2") + push("2") + push("3"))
  })

  it("two faults that name the first and the second frame take those two", () => {
    const { client, server, run, link } = connected()
    link.fault({ kind: "drop", match: { operation: "push", nth: 1 } })
    link.fault({ kind: "drop", match: { operation: "push", nth: 2 } })
    for (const id of ["1", "2", "3"]) client.socket.send(push(id))
    run()
    expect(server.text()).toBe(push("3"))
  })

  it("duplicate delivers the frame twice, one behind the other", () => {
    const { client, server, run, link } = connected()
    const fault = link.fault({ kind: "duplicate", match: { operation: "push" } })
    client.socket.send(push("1") + push("2"))
    run()
    expect(server.chunks).toEqual([push("1"), push("1"), push("2")])
    expect([fault.bit(), link.counters().framesUp]).toEqual([1, 3])
  })

  it("hold lets later frames overtake, and release lets the held ones go in order", () => {
    const { server, client, run, link } = connected()
    const fault = link.fault({ kind: "hold", match: { ...pushAnswer, times: 2 } })
    for (const frame of [acknowledged("1"), page("1"), acknowledged("2"), page("2")]) server.socket.send(frame)
    run()
    expect(client.text()).toBe(page("1") + page("2"))
    expect(fault.bit()).toBe(2)
    fault.release()
    run()
    expect(client.chunks).toEqual([page("1"), page("2"), acknowledged("1"), acknowledged("2")])
    server.socket.send(acknowledged("3"))
    run()
    expect(client.chunks.at(-1)).toBe(acknowledged("3"))
  })

  it("healing a hold discards what it holds, and a later release brings nothing back", () => {
    const { server, client, run, link } = connected()
    const fault = link.fault({ kind: "hold", match: pushAnswer })
    server.socket.send(acknowledged("1"))
    run()
    fault.heal()
    fault.release()
    run()
    expect(client.text()).toBe("")
  })

  it("what is released on a connection that has ended goes nowhere", () => {
    const { server, client, run, link } = connected()
    const fault = link.fault({ kind: "hold", match: pushAnswer })
    server.socket.send(acknowledged("1"))
    run()
    client.socket.close()
    run()
    fault.release()
    run()
    expect([client.text(), link.counters().framesDown]).toEqual(["", 0])
  })

  it("truncate lets half of the frame arrive and resets the connection", () => {
    const { client, server, run, link } = connected()
    const fault = link.fault({ kind: "truncate", match: { operation: "push" } })
    client.socket.send(push("1") + push("2"))
    run()
    expect(server.text()).toBe(push("1").slice(0, push("1").length >> 1))
    expect([client.closed(), server.closed()]).toEqual([true, true])
    expect([fault.bit(), link.counters().resets]).toEqual([1, 1])
  })

  it("garbage arrives in place of the frame", () => {
    const { server, client, run, link } = connected()
    const fault = link.fault({ kind: "garbage", match: pushAnswer, body: "<html>oops</html>" })
    server.socket.send(acknowledged("1") + acknowledged("2"))
    run()
    expect(client.chunks).toEqual(["<html>oops</html>\n", acknowledged("2")])
    expect(fault.bit()).toBe(1)
  })

  it("close ends both sides orderly in place of the frame, and its code stands in the bite", () => {
    const { server, client, run, link, events } = connected()
    const fault: LinkFault = { kind: "close", match: pushAnswer, code: 1012 }
    link.fault(fault)
    server.socket.send(page("1") + acknowledged("1") + page("2"))
    run()
    expect(client.text()).toBe(page("1"))
    expect([client.closed(), server.closed()]).toEqual([true, true])
    expect(link.counters().resets).toBe(0)
    expect(events).toContainEqual({ kind: "bite", fault, detail: "down push answer 1" })
  })

  it("half-open comes first: a frame that it swallows is not counted by a frame fault", () => {
    const { client, run, link } = connected()
    const drop = link.fault({ kind: "drop", match: { operation: "push" } })
    link.fault({ kind: "half-open", direction: "up" })
    client.socket.send(push("1"))
    run()
    expect(drop.bit()).toBe(0)
  })

  it("frame faults never bite on a link that classifies nothing", () => {
    const { client, server, run, link } = connected({ classify: false })
    const fault = link.fault({ kind: "drop", match: { times: Infinity } })
    client.socket.send(push("1"))
    run()
    expect([server.text(), fault.bit()]).toEqual([push("1"), 0])
  })
})

describe("faults of the dial on a virtual link", () => {
  const request = { operation: "connect", role: "request" } as const
  const answer = { operation: "connect", role: "answer" } as const

  it("http-answer gives an answer in HTTP and ends, and the backend hears nothing", () => {
    const world = virtualFixture()
    const fault = world.link.fault({ kind: "http-answer", status: 503, headers: {}, body: "try later" })
    const client = world.dial()
    client.socket.send(push("1"))
    world.run()
    const http = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 9\r\nconnection: close\r\n\r\ntry later\n"
    expect([client.text(), client.closed()]).toEqual([http, true])
    expect([world.backends.length, fault.bit(), world.link.counters().open]).toEqual([0, 1, 0])
    fault.heal()
    world.dial()
    expect(world.backends).toHaveLength(1)
  })

  it("a dropped request gives a socket on which nothing happens, and the backend hears nothing", () => {
    const world = virtualFixture()
    world.link.fault({ kind: "drop", match: request })
    const client = world.dial()
    client.socket.send(push("1"))
    world.run()
    expect([world.backends.length, client.text(), client.closed()]).toEqual([0, "", false])
    expect(world.link.counters().open).toBe(1)
  })

  it("a dropped answer leaves the backend with a connection on which nothing arrives", () => {
    const world = virtualFixture({ onAccept: (socket) => socket.send(page("1")) })
    world.link.fault({ kind: "drop", match: answer })
    const client = world.dial()
    client.socket.send(push("1"))
    world.run()
    expect([world.backend().text(), client.text()]).toEqual(["", ""])
    client.socket.close()
    world.run()
    expect(world.backend().closed()).toBe(true)
  })

  it("a held request reaches the backend when it is released, with what was sent meanwhile", () => {
    const world = virtualFixture()
    const fault = world.link.fault({ kind: "hold", match: request })
    const client = world.dial()
    client.socket.send(push("1"))
    world.run()
    expect(world.backends).toHaveLength(0)
    fault.release()
    world.run()
    expect(world.backend().text()).toBe(push("1"))
    expect(world.link.counters()).toMatchObject({ connections: 1, open: 1 })
  })

  it("a held request whose connection was reset meanwhile is never released", () => {
    const world = virtualFixture()
    const fault = world.link.fault({ kind: "hold", match: request })
    const client = world.dial()
    world.link.fault({ kind: "reset" })
    fault.release()
    world.run()
    expect([client.closed(), world.backends.length]).toEqual([true, 0])
  })

  it("a held request that is released while the backend is down ends the connection", () => {
    const world = virtualFixture({ accept: () => false })
    const fault = world.link.fault({ kind: "hold", match: request })
    const client = world.dial()
    fault.release()
    world.run()
    expect(client.closed()).toBe(true)
    expect(world.link.counters()).toMatchObject({ refused: 1, open: 0 })
  })

  it("garbage in place of the answer comes before anything that the backend says", () => {
    const world = virtualFixture({ onAccept: (socket) => socket.send(page("1")) })
    world.link.fault({ kind: "garbage", match: answer, body: "not a handshake" })
    const client = world.dial()
    world.run()
    expect(client.chunks).toEqual(["not a handshake\n", page("1")])
  })

  it.each(["truncate", "close"] as const)("%s gives a socket that ends", (kind) => {
    const world = virtualFixture()
    world.link.fault(kind === "close" ? { kind, match: request, code: 1011 } : { kind, match: request })
    const client = world.dial()
    world.run()
    expect([client.closed(), world.backends.length, world.link.counters().open]).toEqual([true, 0, 0])
  })

  it("duplicate finds nothing to double: the dial passes and the fault goes on waiting", () => {
    const world = virtualFixture()
    const fault = world.link.fault({ kind: "duplicate", match: {} })
    const client = world.dial()
    expect(fault.bit()).toBe(0)
    client.socket.send(push("1"))
    world.run()
    expect([world.backend().chunks, fault.bit()]).toEqual([[push("1"), push("1")], 1])
  })
})
