import { once } from "node:events"
import { Effect, Exit, Option, Scope, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { WebSocket } from "ws"
import { clientMemoryOver } from "../../../contract/client-memory.ts"
import type { ProviderHostShape } from "../../../contract/provider.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import { brokenFrame, oversizeFrame, type BrokenFrame } from "../broken-frames.fixture.ts"
import { startCloudflareHost } from "../host.ts"
import { bodyType, decodeAnswer, encodeBody, heldFrames, heldPath } from "../http-wire.ts"
import { rawRequests } from "../raw-request.fixture.ts"
import { hello, pushOne } from "../raw-socket.fixture.ts"
import { closeCodes, decodeBackendFrame, encodeFrame, storeKey, type BackendMessage } from "../wire.ts"

/** They are drawn: the first thousand of those that `GAUNTLET_TEST=all` sends. */
const frames = process.env["GAUNTLET_TEST"] === "all" ? 10_000 : 1_000
const seed = Number(process.env["GAUNTLET_SEED"] ?? 20_261_122)
/** What is kept for one connection has at most so many bytes: what a socket's attachment may have. */
const stateBytes = 2_048

describe(`frames that are none (seed ${seed})`, () => {
  const scope = Effect.runSync(Scope.make())
  const hosts = new Map<string, ProviderHostShape>()
  beforeAll(async () => {
    for (const transport of ["ws", "http"] as const) {
      const host = startCloudflareHost({ transport, storage: "do" })
      hosts.set(transport, await Effect.runPromise(Scope.provide(host, scope)))
    }
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const targetOf = (host: ProviderHostShape) => {
    if (host.endpoint?.kind !== "tcp") throw new Error("the host has no TCP endpoint")
    return host.endpoint.target()
  }
  const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(effect)
  const event = (seqNum: number) =>
    ({ seqNum, parentSeqNum: seqNum - 1, name: "happened", args: { seqNum }, clientId: "w", sessionId: "s" }) as const
  /** A client that keeps to the protocol, beside those that do not. */
  const witnessOf = (host: ProviderHostShape, storeId: string): Promise<SyncProvider> =>
    run(Scope.provide(host.open({ storeId, clientId: "w", memory: clientMemoryOver(new Map()) }), scope))
  const unharmed = async (host: ProviderHostShape, storeId: string, witness: SyncProvider, head: number) => {
    await run(witness.push([event(head)]))
    const pulled = await run(Stream.runCollect(witness.pull(Option.none())))
    expect(pulled.flatMap(({ events }) => events).map(({ event: { seqNum } }) => seqNum)).toEqual(
      Array.from({ length: head }, (_, n) => n + 1),
    )
    expect(await run(host.inspect!(storeId))).toHaveLength(head)
  }

  const instanceOf = (host: ProviderHostShape, storeId: string) => run(host.process!.instance(storeId))
  const stateBytesOf = async (host: ProviderHostShape, storeId: string): Promise<number> =>
    (await run(host.gauges!(storeId))).connectionStateBytes ?? Number.NaN
  /** What was noted of refusals, without what they were refused to. */
  const notesOf = async (host: ProviderHostShape): Promise<ReadonlyArray<string>> =>
    (await run(host.logTail!)).flatMap((line) => /(?:ended|refused): (.*)$/.exec(line)?.[1] ?? [])

  it("are noted once for each connection over WebSockets, and nothing else is", async () => {
    const host = hosts.get("ws")!
    const storeId = "fuzz-once"
    const { host: name, port } = targetOf(host)
    const url = `ws://${name}:${port}/sync/${await storeKey(storeId)}`
    const codeOf = async (sent: ReadonlyArray<BrokenFrame>): Promise<number> => {
      const socket = new WebSocket(url)
      await once(socket, "open")
      for (const frame of sent) socket.send(frame)
      const [code] = (await once(socket, "close")) as [number]
      return code
    }
    const greeting = encodeFrame(hello(storeId, { payload: { id: 1 } }))
    const notFrame = "not a frame of this protocol"
    const kinds: ReadonlyArray<readonly [frames: ReadonlyArray<BrokenFrame>, code: number, note: string]> = [
      [["<html>"], closeCodes.protocol, notFrame],
      [[greeting.slice(0, 20)], closeCodes.protocol, notFrame],
      [[new Uint8Array(9)], closeCodes.protocol, notFrame],
      [[greeting, `{"t":"unheard"}`], closeCodes.protocol, notFrame],
      [[greeting, "one", "two", greeting, "three"], closeCodes.protocol, notFrame],
      [[encodeFrame(pushOne(1, 1), [undefined])], closeCodes.protocol, "expected hello"],
      [[oversizeFrame()], closeCodes.tooLarge, "a frame of more than 900000 bytes"],
      [[encodeFrame(hello(storeId, { version: 2 })), "x"], closeCodes.refused, "another version of the protocol"],
      [[encodeFrame(hello("another"))], closeCodes.protocol, "hello for another store"],
      [[greeting, encodeFrame(hello("another", { payload: { id: 1 } }))], closeCodes.protocol, "another hello"],
      [[greeting, encodeFrame(hello(storeId, { payload: { id: 2 } }))], closeCodes.protocol, "another hello"],
    ]
    const witness = await witnessOf(host, storeId)
    const codes: Array<number> = []
    for (const [sent] of kinds) codes.push(await codeOf(sent))
    expect(codes).toEqual(kinds.map(([, code]) => code))
    await unharmed(host, storeId, witness, 1)
    await vi.waitFor(async () => expect(await notesOf(host)).toEqual(kinds.map(([, , note]) => note)), 5_000)
  })

  it("are noted once for each request over HTTP, and nothing else is", async () => {
    const host = hosts.get("http")!
    const storeId = "fuzz-once"
    const raw = await rawRequests(targetOf(host), storeId)
    const { host: name, port } = targetOf(host)
    const admin = async () =>
      fetch(`http://${name}:${port}/__harness/about`, { headers: { "x-harness-token": "guess" } })
    const body = (...messages: Parameters<typeof encodeFrame>[0][]) =>
      encodeBody(messages.map((one) => encodeFrame(one)))
    const watch = { t: "watch", id: 1, live: 1 } as const
    const another = hello("another")
    const old = hello(storeId, { version: 2 })
    const kinds: ReadonlyArray<readonly [() => Promise<{ readonly status: number }>, status: number, note: string]> = [
      [() => raw.post("<html>"), 400, "the body is not whole"],
      [() => raw.post("<html>\n"), 400, "not a frame of this protocol"],
      [() => raw.post(new Uint8Array([0xff, 0x0a])), 400, "the body is no text"],
      [() => raw.postTooLarge("content-length"), 413, "a request has at most 32000000 bytes"],
      [() => raw.postTooLarge("chunks"), 413, "a request has at most 32000000 bytes"],
      [() => raw.post(body({ t: "check", id: 1 })), 400, "expected hello"],
      [() => raw.post(body(another)), 400, "hello for another store"],
      [() => raw.post(body(another, { t: "check", id: 1 })), 400, "hello for another store"],
      [() => raw.post(body(old, { t: "check", id: 1 })), 200, "another version of the protocol"],
      [() => raw.post(body(hello(storeId), another)), 400, "another hello"],
      [() => raw.post(body(hello(storeId)), heldPath), 400, "expected a watch"],
      [() => raw.post(body(hello(storeId), { t: "check", id: 1 }), heldPath), 400, "expected a watch with a live pull"],
      [() => raw.post(body(another, watch), heldPath), 400, "hello for another store"],
      [() => raw.post(body(old, watch), heldPath), 200, "another version of the protocol"],
      [admin, 403, "a route of the harness without its token"],
    ]
    const witness = await witnessOf(host, storeId)
    const statuses: Array<number> = []
    for (const [ask] of kinds) statuses.push((await ask()).status)
    expect(statuses).toEqual(kinds.map(([, status]) => status))
    await unharmed(host, storeId, witness, 1)
    await vi.waitFor(async () => expect(await notesOf(host)).toEqual(kinds.map(([, , note]) => note)), 5_000)
  })

  it(`closes or answers each of ${frames} over WebSockets, and serves others as before`, async () => {
    const host = hosts.get("ws")!
    const storeId = "fuzz-ws"
    const { host: name, port } = targetOf(host)
    const url = `ws://${name}:${port}/sync/${await storeKey(storeId)}`
    const witness = await witnessOf(host, storeId)
    const instance = await instanceOf(host, storeId)
    let largest = 0
    const codes = new Map<number, number>()
    const said: Array<BackendMessage> = []
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < frames) {
        const socket = new WebSocket(url)
        const closed = once(socket, "close") as Promise<[number, Buffer]>
        socket.on("message", (data: Buffer) => {
          const frame = decodeBackendFrame(data.toString())
          expect(frame).toBeDefined()
          said.push(frame!.message)
        })
        await once(socket, "open")
        // Every second connection greets first, so that frames reach what lies behind the greeting.
        if (next % 2 === 0)
          socket.send(JSON.stringify({ t: "hello", version: 1, storeId, clientId: "f", silenceMs: 9e4 }))
        for (let sent = 0; sent < 8 && next < frames; sent++) socket.send(brokenFrame(seed, next++, storeId))
        if (next % 10 === 0) largest = Math.max(largest, await stateBytesOf(host, storeId))
        // What cannot be a frame comes last: whatever went before, the connection ends with it.
        socket.send("none")
        const [code] = await closed
        codes.set(code, (codes.get(code) ?? 0) + 1)
      }
    }
    await Promise.all(Array.from({ length: 8 }, worker))
    const known = new Set<number>(Object.values(closeCodes))
    expect([...codes.keys()].filter((code) => !known.has(code))).toEqual([])
    expect(codes.get(closeCodes.protocol)).toBeGreaterThan(frames / 20)
    expect(said.filter(({ t }) => t === "pushed")).toEqual([])
    expect(await instanceOf(host, storeId)).toBe(instance)
    expect(largest).toBeGreaterThan(0)
    expect(largest).toBeLessThanOrEqual(stateBytes)
    await unharmed(host, storeId, witness, 1)
    await vi.waitFor(async () =>
      expect(await run(host.gauges!(storeId))).toMatchObject({ sockets: 1, subscriptions: 0 }),
    )
  })

  it(`refuses each of ${frames} bodies over HTTP, and serves others as before`, async () => {
    const host = hosts.get("http")!
    const storeId = "fuzz-http"
    const { host: name, port } = targetOf(host)
    const url = `http://${name}:${port}/sync/${await storeKey(storeId)}`
    const witness = await witnessOf(host, storeId)
    const instance = await instanceOf(host, storeId)
    const statuses = new Map<number, number>()
    const firstHeld = new Set<BackendMessage["t"] | undefined>()
    let next = 0
    /** What a held request is answered with first, which then is let go; undefined for an answer that ends without. */
    const firstOf = async (answer: Response): Promise<BackendMessage | undefined> => {
      const read = heldFrames()
      for await (const text of answer.body!.pipeThrough(new TextDecoderStream())) {
        const [frame] = read(text)
        if (frame !== undefined) return decodeBackendFrame(frame)?.message
      }
      return undefined
    }
    const worker = async (): Promise<void> => {
      while (next < frames) {
        const nth = next++
        const frame = brokenFrame(seed, nth, storeId)
        const text = typeof frame === "string" ? frame : Buffer.from(frame)
        // Short of silence: who lets go of a held answer in good order is noticed by heartbeats that nobody takes.
        const hello = `{"t":"hello","version":1,"storeId":"${storeId}","clientId":"f","silenceMs":1500}\n`
        const body = nth % 2 === 0 ? text : Buffer.concat([Buffer.from(hello), Buffer.from(text), Buffer.from("\n")])
        // Of those with a greeting as of those without, every second one asks to be held.
        const isHeld = nth % 4 > 1
        const where = isHeld ? url + heldPath : url
        const answer = await fetch(where, { method: "POST", headers: { "content-type": bodyType }, body })
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        if (isHeld && answer.status === 200) {
          firstHeld.add((await firstOf(answer))?.t)
          continue
        }
        const said = await answer.text()
        if (answer.status !== 200) continue
        const answers = decodeAnswer(said)
        expect(answers, said).toBeDefined()
        expect(answers!.filter(({ message }) => message.t === "pushed")).toEqual([])
      }
    }
    await Promise.all(Array.from({ length: 8 }, worker))
    expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([])
    expect(statuses.get(400)).toBeGreaterThan(frames / 20)
    expect([...firstHeld].filter((first) => first !== "refused")).toEqual(["welcome"])
    expect(await instanceOf(host, storeId)).toBe(instance)
    expect(await stateBytesOf(host, storeId)).toBeLessThanOrEqual(stateBytes)
    await unharmed(host, storeId, witness, 1)
    await vi.waitFor(
      async () => expect(await run(host.gauges!(storeId))).toMatchObject({ sockets: 0, subscriptions: 0 }),
      5_000,
    )
  })

  it("lets nobody into the harness's routes without the token", async () => {
    for (const host of hosts.values()) {
      const { host: name, port } = targetOf(host)
      for (const path of ["about", "forget", `${await storeKey("fuzz-ws")}/wipe`]) {
        const answer = await fetch(`http://${name}:${port}/__harness/${path}`, {
          method: "POST",
          headers: { "x-harness-token": "guess" },
          body: "",
        })
        expect([path, answer.status]).toEqual([path, 403])
      }
    }
  })
})
