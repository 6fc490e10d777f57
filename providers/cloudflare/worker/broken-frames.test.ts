import { once } from "node:events"
import { Effect, Exit, Option, Scope, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { WebSocket } from "ws"
import { clientMemoryOver } from "../../../contract/client-memory.ts"
import type { ProviderHostShape } from "../../../contract/provider.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import { brokenFrame, oversizeFrame, type BrokenFrame } from "../broken-frames.fixture.ts"
import { startCloudflareHost } from "../host.ts"
import { bodyType, decodeAnswer } from "../http-wire.ts"
import { closeCodes, decodeBackendFrame, storeKey, type BackendMessage } from "../wire.ts"

/** They are drawn: the first thousand of those that `GAUNTLET_TEST=all` sends. */
const frames = process.env["GAUNTLET_TEST"] === "all" ? 10_000 : 1_000
const seed = Number(process.env["GAUNTLET_SEED"] ?? 20_261_122)

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

  it("is told of once, and a frame that is too large is refused unread", async () => {
    const host = hosts.get("ws")!
    const storeId = "fuzz-once"
    const { host: name, port } = targetOf(host)
    const send = async (frame: BrokenFrame): Promise<number> => {
      const socket = new WebSocket(`ws://${name}:${port}/sync/${await storeKey(storeId)}`)
      await once(socket, "open")
      socket.send(frame)
      const [code] = (await once(socket, "close")) as [number]
      return code
    }
    const notes = async () => (await run(host.logTail!)).filter((line) => line.includes("ended: not a frame"))
    const before = (await notes()).length
    expect(await send("<html>")).toBe(closeCodes.protocol)
    await vi.waitFor(async () => expect(await notes()).toHaveLength(before + 1))
    expect(await send(oversizeFrame())).toBe(closeCodes.tooLarge)
  })

  it(`closes or answers each of ${frames} over WebSockets, and serves others as before`, async () => {
    const host = hosts.get("ws")!
    const storeId = "fuzz-ws"
    const { host: name, port } = targetOf(host)
    const url = `ws://${name}:${port}/sync/${await storeKey(storeId)}`
    const witness = await witnessOf(host, storeId)
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
    const statuses = new Map<number, number>()
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < frames) {
        const nth = next++
        const frame = brokenFrame(seed, nth, storeId)
        const text = typeof frame === "string" ? frame : Buffer.from(frame)
        const hello = `{"t":"hello","version":1,"storeId":"${storeId}","clientId":"f","silenceMs":90000}\n`
        const body = nth % 2 === 0 ? text : Buffer.concat([Buffer.from(hello), Buffer.from(text), Buffer.from("\n")])
        const answer = await fetch(url, { method: "POST", headers: { "content-type": bodyType }, body })
        const said = await answer.text()
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        if (answer.status !== 200) continue
        const answers = decodeAnswer(said)
        expect(answers, said).toBeDefined()
        expect(answers!.filter(({ message }) => message.t === "pushed")).toEqual([])
      }
    }
    await Promise.all(Array.from({ length: 8 }, worker))
    expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([])
    expect(statuses.get(400)).toBeGreaterThan(frames / 20)
    await unharmed(host, storeId, witness, 1)
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
