import { Effect, Exit, Option, Scope, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { clientMemoryOver } from "../../../contract/client-memory.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import { brokenFrame, oddValues, oversizeFrame } from "../broken-frames.fixture.ts"
import { workerBundle } from "../bundle.ts"
import { formClients } from "../form-clients.ts"
import { harnessRoutes } from "../harness-routes.ts"
import { hostViews } from "../host-views.ts"
import { startMiniflareBackend, type MiniflareBackend } from "../miniflare-backend.ts"
import { openStores } from "../open-stores.ts"
import type { RpcAnswer } from "../rpc/calls.ts"
import { withClientObjects } from "../rpc/host-workers.ts"
import { decodeBackendFrame, storeKey } from "../wire.ts"

/** They are drawn: the first thousand of those that `GAUNTLET_TEST=all` sends. */
const frames = process.env["GAUNTLET_TEST"] === "all" ? 10_000 : 1_000
const atOnce = 200
/** So many go to one registration. */
const together = 4
const seed = Number(process.env["GAUNTLET_SEED"] ?? 20_261_122)

/** What is kept for one registration has at most so many bytes. */
const stateBytes = 2_048

/** One call to a store's object, or of `deliver` to a client's; bytes travel as numbers. */
interface Call {
  readonly method: "rpcFrame" | "rpcEnd" | "deliver"
  readonly args: ReadonlyArray<unknown>
}

/** Another application's Worker, which is bound to the stores and the clients and keeps to nothing. */
const stranger = `export default {
  async fetch(request, env) {
    const { key, client, calls } = await request.json()
    const store = env.STORE.get(env.STORE.idFromName(key))
    const clients = env.CLIENT.get(env.CLIENT.idFromName(client))
    const revived = (arg) => (arg?.bytes === undefined ? arg : new Uint8Array(arg.bytes))
    const call = async ({ method, args }) => {
      try {
        return { said: await (method === "deliver" ? clients : store)[method](...args.map(revived)) }
      } catch (error) {
        return { threw: method + " " + JSON.stringify(args) + ": " + String(error) }
      }
    }
    return Response.json(await Promise.all(calls.map(call)))
  }
}`

const token = "a token of this test"
const oddCallers: ReadonlyArray<unknown> = [
  null,
  7,
  "caller",
  {},
  { connection: "", client: "c", life: 1 },
  { connection: "c", client: 1, life: 1 },
  { connection: "c", client: "c", life: 0.5 },
  { connection: "x".repeat(1_000), client: "c", life: 1 },
]

describe(`calls of a Worker that keeps to nothing (seed ${seed})`, () => {
  const storeId = "fuzz-calls"
  const scope = Effect.runSync(Scope.make())
  const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(effect)
  let backend: MiniflareBackend
  /** A client that keeps to the protocol, in an object that the stranger can call too. */
  let witness: SyncProvider
  let witnessKey: string
  beforeAll(async () => {
    const date = { compatibilityDate: "2026-06-01" }
    const objectOf = (className: string) => ({ className, scriptName: "sync", useSQLite: true })
    const worker = {
      ...date,
      name: "sync",
      modules: [{ type: "ESModule", path: "worker.js", contents: await workerBundle("worker-with-clients") } as const],
      durableObjects: { STORE: { className: "StoreObject", useSQLite: true } },
      bindings: { HARNESS_TOKEN: token },
      beside: [
        {
          ...date,
          name: "stranger",
          modules: [{ type: "ESModule", path: "stranger.js", contents: stranger } as const],
          durableObjects: { STORE: objectOf("StoreObject"), CLIENT: objectOf("ClientObject") },
        },
      ],
    }
    backend = await startMiniflareBackend(withClientObjects(worker, "same", ""))
    const form = { transport: "do-rpc", storage: "do" } as const
    const clients = formClients({ form, target: backend.target, token, stores: openStores() })
    const opened = clients.open({ storeId, clientId: "w", memory: clientMemoryOver(new Map()) })
    witness = await run(Scope.provide(opened, scope))
    witnessKey = clients.objects?.objectsOf(storeId)[0] ?? ""
    await run(Scope.provide(witness.connect, scope))
  })
  afterAll(async () => {
    await run(Scope.close(scope, Exit.void))
    await backend.stop()
  })

  /** What each call gives; none may throw. */
  const ask = async (calls: ReadonlyArray<Call>): Promise<ReadonlyArray<unknown>> => {
    const worker = await backend.miniflare().getWorker("stranger")
    const body = JSON.stringify({ key: await storeKey(storeId), client: witnessKey, calls })
    const answers = (await (await worker.fetch("http://stranger/", { method: "POST", body })).json()) as ReadonlyArray<{
      readonly said?: unknown
      readonly threw?: string
    }>
    expect(answers.flatMap(({ threw }) => threw ?? [])).toEqual([])
    return answers.map(({ said }) => said)
  }
  const greetingOf = (over: object = {}) =>
    JSON.stringify({ t: "hello", version: 1, storeId, clientId: "f", silenceMs: 90_000, ...over })
  const greeting = greetingOf()
  const framed = (caller: unknown, frame: unknown): Call => ({ method: "rpcFrame", args: [caller, frame] })
  const nobody = (connection: string, client = "nobody") => ({ connection, client, life: 1 })
  const callOf = (nth: number, connection: string): Call => {
    const broken = brokenFrame(seed, nth, storeId)
    const frame = typeof broken === "string" ? broken : { bytes: [...broken] }
    const odd = oddValues[nth % oddValues.length]
    if (nth % 50 === 0) return framed(oddCallers[(nth / 50) % oddCallers.length], frame)
    if (nth % 50 === 20) return framed(nobody(connection, "another"), frame)
    if (nth % 25 === 10) return { method: "rpcEnd", args: [nth % 2 === 0 ? odd : connection] }
    if (nth % 25 === 15) return { method: "deliver", args: [odd, [frame], true] }
    if (nth % 25 === 5) return { method: "deliver", args: [connection, nth % 2 === 0 ? odd : [frame, odd], odd] }
    return framed(nobody(connection), frame)
  }
  const routes = () => harnessRoutes(backend.target, token)
  const instance = () => run(routes().store(storeId, "instance"))

  it("are noted once for each call or registration, and nothing else is", async () => {
    const ended = "not a frame of this protocol"
    const kinds: ReadonlyArray<readonly [calls: ReadonlyArray<Call>, note: string]> = [
      [[framed(nobody(""), greeting)], "it names no registration"],
      [[{ method: "rpcEnd", args: [7] }], "it names no registration"],
      [[{ method: "deliver", args: ["unknown", "no list", true] }], "it delivers no frames of a registration"],
      [[framed(nobody("n1"), "none"), framed(nobody("n1"), "none")], "no such registration"],
      [[framed(nobody("n2"), greeting), framed(nobody("n2"), "none"), framed(nobody("n2"), "again")], ended],
      [
        [framed(nobody("n3"), greeting), framed(nobody("n3", "another"), greeting)],
        "the registration is another client's",
      ],
      [[framed(nobody("n3"), greetingOf({ storeId: "another" }))], "another hello"],
      [[framed(nobody("n4"), greetingOf({ storeId: "another" }))], "hello for another store"],
      [
        [framed(nobody("n5"), greetingOf({ version: 2 })), framed(nobody("n5"), "again")],
        "another version of the protocol",
      ],
      [[framed(nobody("n6"), greeting), framed(nobody("n6"), greetingOf({ payload: 1 }))], "another hello"],
      [[framed(nobody("n7"), greeting), framed(nobody("n7"), greeting), { method: "rpcEnd", args: ["n7"] }], ""],
      [
        [
          { method: "rpcEnd", args: ["n7"] },
          { method: "deliver", args: ["unknown", ["x"], true] },
        ],
        "",
      ],
      [[framed(nobody("n8"), oversizeFrame())], "no such registration"],
    ]
    const notes = () => backend.logTail().flatMap((line) => /(?:ended|refused): (.*)$/.exec(line)?.[1] ?? [])
    // One after the other: a breach is to be over before the next call.
    for (const [calls] of kinds) for (const call of calls) await ask([call])
    const expected = kinds.map(([, note]) => note).filter((note) => note !== "")
    await vi.waitFor(() => expect(notes()).toEqual(expected), 5_000)
  })

  it(`are answered or end their registration, each of ${frames}, and others are served as before`, async () => {
    const before = await instance()
    const views = hostViews(routes())
    let largest = 0
    let closed = 0
    const wrong: Array<string> = []
    for (let nth = 0; nth < frames;) {
      const calls: Array<Call> = []
      for (let n = 0; n < atOnce; n += together) {
        const connection = `r${nth + n}`
        const caller = nobody(connection)
        // Every second one greets first, so that frames reach what lies behind the greeting.
        if (n % (2 * together) === 0) calls.push(framed(caller, greeting))
        for (let m = 0; m < together; m++) calls.push(callOf(nth + n + m, connection))
        // What cannot be a frame comes last: whatever went before, the registration ends with it.
        calls.push(framed(caller, "none"))
      }
      nth += atOnce
      // One that stays, beside those that end.
      const lasting = nobody(`lasting ${nth}`)
      await ask([framed(lasting, greeting), framed(lasting, `{"t":"watch","id":1,"live":1}`)])
      largest = Math.max(largest, (await run(views.gauges(storeId))).connectionStateBytes ?? Number.NaN)
      await ask([{ method: "rpcEnd", args: [lasting.connection] }])
      for (const [n, said] of (await ask(calls)).entries()) {
        // No client has such a registration.
        if (calls[n]?.method === "deliver" && said !== false) wrong.push(`delivered: ${String(said)}`)
        if (calls[n]?.method !== "rpcFrame") continue
        const answer = said as RpcAnswer
        if (answer.closed) closed++
        for (const frame of answer.frames) {
          const said = decodeBackendFrame(frame)?.message.t
          if (said === undefined || said === "pushed") wrong.push(frame)
        }
      }
    }
    expect(wrong).toEqual([])
    expect(closed).toBeGreaterThanOrEqual(frames / together)
    const event = { seqNum: 1, parentSeqNum: 0, name: "happened", args: { n: 1 }, clientId: "w", sessionId: "s" }
    await run(witness.push([event]))
    const pulled = await run(Stream.runCollect(witness.pull(Option.none())))
    expect(pulled.flatMap(({ events }) => events).map((one) => one.event)).toEqual([event])
    expect(await instance()).toBe(before)
    expect(largest).toBeGreaterThan(0)
    expect(largest).toBeLessThanOrEqual(stateBytes)
    expect(await run(views.inspect(storeId))).toHaveLength(1)
    expect(await run(views.gauges(storeId))).toMatchObject({ sockets: 1, subscriptions: 0 })
  })

  it("end with a frame that is too large, which is not read", async () => {
    const caller = nobody("large")
    const [greeted, answer] = await ask([framed(caller, greeting), framed(caller, oversizeFrame())])
    expect(greeted).toMatchObject({ closed: false })
    expect(answer).toEqual({ frames: [], closed: true })
    expect(backend.logTail().some((line) => line.includes("ended: a frame of more than 900000 bytes"))).toBe(true)
  })
})
