import { describe, expect, it } from "vitest"
import { draw } from "../draw.ts"
import { virtualFixture } from "./virtual-fixture.ts"

/** Faults of bytes and connections, on a link that reads no frames. */
const bytesOnly = { classify: false } as const

describe("a virtual link without faults", () => {
  it("delivers what each side sends, in order, each delivery a task of its own", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    client.socket.send("a")
    client.socket.send("b")
    world.backend().socket.send("c")
    expect(world.backend().chunks).toEqual([])
    world.run()
    expect(world.backend().chunks).toEqual(["a", "b"])
    expect(client.chunks).toEqual(["c"])
    expect(world.link.counters()).toMatchObject({ connections: 1, open: 1, bytesUp: 2, bytesDown: 1, touched: 0 })
  })

  it("never turns one direction around, whatever order a scheduler draws", () => {
    const sent = Array.from({ length: 20 }, (_, index) => `${index};`)
    for (let seed = 0; seed < 40; seed++) {
      let step = 0
      const world = virtualFixture({ ...bytesOnly, pick: (due) => draw(seed, `${step++}`, due) })
      const clients = [world.dial(), world.dial()]
      for (const chunk of sent) {
        for (const client of clients) client.socket.send(chunk)
        for (const backend of world.backends) backend.socket.send(chunk)
      }
      world.run()
      for (const end of [...clients, ...world.backends]) expect(end.chunks).toEqual(sent)
    }
  })

  it("lets the scheduler order two connections against each other", () => {
    const firsts = new Set<string>()
    for (let seed = 0; seed < 20; seed++) {
      let step = 0
      const order: Array<string> = []
      const world = virtualFixture({
        ...bytesOnly,
        pick: (due) => draw(seed, `${step++}`, due),
        onAccept: (socket) => socket.onChunk((chunk) => order.push(chunk)),
      })
      world.dialRaw()?.send("one")
      world.dialRaw()?.send("two")
      world.run()
      firsts.add(order.join())
    }
    expect(firsts).toEqual(new Set(["one,two", "two,one"]))
  })

  it("tells both ends once that a connection has ended, the other one behind what was sent", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    client.socket.send("last words")
    client.socket.close()
    client.socket.send("never")
    world.run()
    expect(world.backend().text()).toBe("last words")
    expect([client.closed(), world.backend().closed()]).toEqual([true, true])
    expect(world.link.counters()).toMatchObject({ open: 0, resets: 0 })
    expect(world.events.map((event) => event.kind)).toEqual(["connected", "disconnected"])
  })

  it("delivers nothing to an end that has closed, and keeps no timer for it", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    world.link.fault({ kind: "delay", ms: 10, jitterMs: 0, direction: "down" })
    world.link.fault({ kind: "delay", ms: 1_000, jitterMs: 0, direction: "up" })
    world.backend().socket.send("too late")
    client.socket.close()
    world.run(500)
    expect(world.link.counters().bytesDown).toBe(0)
    world.run()
    expect([world.waiting(), world.backend().closed()]).toEqual([0, true])
  })

  it("hands over what came before anybody listened, also when the connection has ended", () => {
    const world = virtualFixture({ ...bytesOnly, onAccept: (socket) => socket.send("early") })
    const socket = world.dialRaw()
    world.run()
    world.backend().socket.close()
    world.run()
    const heard: Array<string> = []
    socket?.onChunk((chunk) => heard.push(chunk))
    socket?.onClose(() => heard.push("closed"))
    expect(heard).toEqual(["early", "closed"])
  })

  it("gives no socket while the backend takes none, and counts the refusal", () => {
    const world = virtualFixture({ ...bytesOnly, accept: () => false })
    expect(world.dialRaw()).toBeUndefined()
    expect(world.link.counters()).toMatchObject({ connections: 0, refused: 1, open: 0 })
    expect(world.events).toEqual([{ kind: "refused" }])
  })
})

describe("faults of bytes on a virtual link", () => {
  it("refuse gives new connections no socket and leaves open ones alone", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    const fault = world.link.fault({ kind: "refuse" })
    expect(world.dialRaw()).toBeUndefined()
    client.socket.send("still here")
    world.run()
    expect(world.backend().text()).toBe("still here")
    expect(fault.bit()).toBe(1)
    fault.heal()
    expect(world.dialRaw()).toBeDefined()
  })

  it("reset ends open connections on both sides at once, drops what is on its way, and serves new ones", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    client.socket.send("lost")
    const fault = world.link.fault({ kind: "reset" })
    world.run()
    expect(world.backend().text()).toBe("")
    expect([client.closed(), world.backend().closed()]).toEqual([true, true])
    expect([fault.bit(), world.link.counters().resets]).toEqual([1, 1])
    world.dial().socket.send("new")
    world.run()
    expect(world.backend(1).text()).toBe("new")
  })

  it("half-open swallows one direction and not the other, and resets the connection when it heals", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    client.socket.send("on its way")
    const fault = world.link.fault({ kind: "half-open", direction: "up" })
    client.socket.send("meanwhile")
    world.backend().socket.send("downwards")
    world.run()
    expect(world.backend().text()).toBe("")
    expect(client.text()).toBe("downwards")
    expect([client.closed(), world.backend().closed()]).toEqual([false, false])
    expect(fault.bit()).toBe(2)
    expect(world.link.counters().touched).toBe(2)
    fault.heal()
    world.run()
    expect(world.backend().text()).toBe("")
    expect([client.closed(), world.backend().closed()]).toEqual([true, true])
  })

  it("half-open swallows a close too: the other side is not told until it heals", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    const fault = world.link.fault({ kind: "half-open", direction: "both" })
    client.socket.close()
    world.run()
    expect([client.closed(), world.backend().closed()]).toEqual([true, false])
    fault.heal()
    world.run()
    expect(world.backend().closed()).toBe(true)
  })

  it("half-open lets new connections open on which nothing ever happens", () => {
    const world = virtualFixture(bytesOnly)
    const fault = world.link.fault({ kind: "half-open", direction: "both" })
    const client = world.dial()
    client.socket.send("anybody there?")
    world.run()
    expect(world.backends).toHaveLength(0)
    expect([client.closed(), client.text(), fault.bit()]).toEqual([false, "", 2])
    fault.heal()
    world.run()
    expect(client.closed()).toBe(true)
  })

  it("half-open downwards alone lets a new connection and its words through to the backend", () => {
    const world = virtualFixture(bytesOnly)
    world.link.fault({ kind: "half-open", direction: "down" })
    const client = world.dial()
    client.socket.send("hello")
    world.run()
    world.backend().socket.send("you are not heard")
    world.run()
    expect([world.backend().text(), client.text()]).toEqual(["hello", ""])
  })

  it("delay holds every chunk back by its time and keeps the order", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    const fault = world.link.fault({ kind: "delay", ms: 100, jitterMs: 0, direction: "up" })
    client.socket.send("a")
    world.run(30)
    client.socket.send("b")
    world.backend().socket.send("c")
    world.run()
    expect(world.backend().atMs).toEqual([100, 130])
    expect(client.atMs).toEqual([30])
    expect(fault.bit()).toBe(2)
  })

  it("delay with jitter repeats with the seed, varies between chunks, and never overtakes", () => {
    const times = (seed: number) => {
      const world = virtualFixture({ ...bytesOnly, seed })
      const client = world.dial()
      world.link.fault({ kind: "delay", ms: 10, jitterMs: 50, direction: "both" })
      for (let nth = 0; nth < 12; nth++) client.socket.send(`${nth};`)
      world.run()
      expect(world.backend().text()).toBe("0;1;2;3;4;5;6;7;8;9;10;11;")
      return world.backend().atMs
    }
    expect(times(7)).toEqual(times(7))
    expect(times(7)).not.toEqual(times(8))
    expect(new Set(times(7)).size).toBeGreaterThan(1)
    expect(times(7).every((atMs) => atMs >= 10 && atMs <= 60)).toBe(true)
  })

  it("healing a delay lets what waits go on at once", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    const fault = world.link.fault({ kind: "delay", ms: 10_000, jitterMs: 0, direction: "both" })
    client.socket.send("a")
    client.socket.close()
    world.run(50)
    expect(world.backend().closed()).toBe(false)
    fault.heal()
    world.run()
    expect(world.backend().atMs).toEqual([50])
    expect(world.backend().closed()).toBe(true)
  })

  it("throttle lets bytes flow at its rate, in pieces", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    const fault = world.link.fault({ kind: "throttle", bytesPerSecond: 1_000, direction: "up" })
    client.socket.send("x".repeat(500))
    client.socket.send("y".repeat(500))
    world.run(250)
    expect(world.backend().text().length).toBeGreaterThan(200)
    expect(world.backend().text().length).toBeLessThanOrEqual(250)
    world.run()
    expect(world.backend().atMs.at(-1)).toBe(1_000)
    expect(world.backend().text()).toBe("x".repeat(500) + "y".repeat(500))
    expect(fault.bit()).toBe(2)
  })

  it("healing a throttle lets the rest go at once", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    const fault = world.link.fault({ kind: "throttle", bytesPerSecond: 1, direction: "up" })
    client.socket.send("0123456789")
    world.run(2_500)
    expect(world.backend().text()).toBe("01")
    fault.heal()
    world.run()
    expect(world.backend().text()).toBe("0123456789")
    expect(world.backend().atMs.at(-1)).toBe(2_500)
  })

  it("healing a delay does not hurry what a throttle holds", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    world.link.fault({ kind: "throttle", bytesPerSecond: 1, direction: "up" })
    const delay = world.link.fault({ kind: "delay", ms: 100, jitterMs: 0, direction: "up" })
    client.socket.send("ab")
    world.run(600)
    delay.heal()
    world.run()
    expect(world.backend().atMs).toEqual([1_100, 2_100])
  })

  it("split gives pieces of at most its size, and counts only what it has split", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    const fault = world.link.fault({ kind: "split", maxBytes: 3, direction: "up" })
    client.socket.send("abcdefgh")
    client.socket.send("ij")
    world.run()
    expect(world.backend().chunks).toEqual(["abc", "def", "gh", "ij"])
    expect(fault.bit()).toBe(1)
    expect(world.link.counters().touched).toBe(0)
  })

  it("coalesce joins what comes within its window, and counts what it has joined", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    const fault = world.link.fault({ kind: "coalesce", windowMs: 20, direction: "up" })
    client.socket.send("a")
    world.run(10)
    client.socket.send("b")
    client.socket.send("c")
    world.run(40)
    client.socket.send("d")
    world.run()
    expect(world.backend().chunks).toEqual(["abc", "d"])
    expect(world.backend().atMs).toEqual([20, 60])
    expect(fault.bit()).toBe(2)
  })

  it("cut-after lets exactly its bytes pass, then resets the connection, once", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    client.socket.send("before")
    world.run()
    const fault = world.link.fault({ kind: "cut-after", bytes: 7, direction: "up" })
    client.socket.send("12345")
    client.socket.send("6789")
    world.run()
    expect(world.backend().text()).toBe("before1234567")
    expect([client.closed(), world.backend().closed()]).toEqual([true, true])
    expect([fault.bit(), world.link.counters().resets]).toEqual([1, 1])
    world.dial().socket.send("a new connection lives on")
    world.run()
    expect(world.backend(1).text()).toBe("a new connection lives on")
    expect(fault.bit()).toBe(1)
  })

  it("faults compose: split, delay and cut-after on one chunk", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    world.link.fault({ kind: "split", maxBytes: 2, direction: "up" })
    world.link.fault({ kind: "delay", ms: 5, jitterMs: 0, direction: "up" })
    world.link.fault({ kind: "cut-after", bytes: 5, direction: "up" })
    client.socket.send("abcdefgh")
    world.run()
    expect(world.backend().chunks).toEqual(["ab", "cd", "e"])
    expect(world.backend().atMs).toEqual([5, 5, 5])
    expect(world.backend().closed()).toBe(true)
  })

  it("cut ends everything for good, and no heal brings it back", () => {
    const world = virtualFixture(bytesOnly)
    const client = world.dial()
    client.socket.send("unheard")
    world.link.cut()
    client.socket.send("unheard too")
    world.run()
    expect(world.backend().text()).toBe("")
    expect([client.closed(), world.backend().closed()]).toEqual([true, true])
    world.link.heal()
    expect(world.dialRaw()).toBeUndefined()
    expect(world.link.counters()).toMatchObject({ open: 0, resets: 1, refused: 1 })
  })

  it("heal takes every fault off at once", () => {
    const world = virtualFixture(bytesOnly)
    world.link.fault({ kind: "refuse" })
    world.link.fault({ kind: "delay", ms: 1_000, jitterMs: 0, direction: "both" })
    world.link.fault({ kind: "split", maxBytes: 1, direction: "both" })
    world.link.heal()
    world.dial().socket.send("whole")
    world.run()
    expect(world.backend().chunks).toEqual(["whole"])
    expect(world.backend().atMs).toEqual([0])
  })
})
