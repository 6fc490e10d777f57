import { Effect, Exit, Option, Scope, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { clientMemoryOver } from "../../../contract/client-memory.ts"
import { brokenFrame, oversizeFrame } from "../broken-frames.fixture.ts"
import { workerBundle } from "../bundle.ts"
import { openCloudflareClient } from "../client/client.ts"
import { harnessRoutes } from "../harness-routes.ts"
import { hostViews } from "../host-views.ts"
import { startMiniflareBackend, type MiniflareBackend } from "../miniflare-backend.ts"
import type { RpcAnswer } from "../rpc/calls.ts"
import { decodeBackendFrame, storeKey } from "../wire.ts"

/** They are drawn: the first thousand of those that `GAUNTLET_TEST=all` sends. */
const frames = process.env["GAUNTLET_TEST"] === "all" ? 10_000 : 1_000
const atOnce = 200
/** So many go to one registration. */
const together = 4
const seed = Number(process.env["GAUNTLET_SEED"] ?? 20_261_122)

/** One call to a store's object; bytes travel as numbers. */
interface Call {
  readonly caller: unknown
  readonly frame: string | { readonly bytes: ReadonlyArray<number> }
}

/** Another application's Worker, which is bound to the stores and keeps to nothing. */
const stranger = `export default {
  async fetch(request, env) {
    const { key, calls } = await request.json()
    const store = env.STORE.get(env.STORE.idFromName(key))
    const call = ({ caller, frame }) =>
      store.rpcFrame(caller, typeof frame === "string" ? frame : new Uint8Array(frame.bytes))
        .catch((error) => ({ threw: String(error) }))
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
  beforeAll(async () => {
    const date = { compatibilityDate: "2026-06-01" }
    backend = await startMiniflareBackend({
      ...date,
      name: "sync",
      modules: [{ type: "ESModule", path: "worker.js", contents: await workerBundle() }],
      durableObjects: { STORE: { className: "StoreObject", useSQLite: true } },
      bindings: { HARNESS_TOKEN: token },
      beside: [
        {
          ...date,
          name: "stranger",
          modules: [{ type: "ESModule", path: "stranger.js", contents: stranger }],
          durableObjects: { STORE: { className: "StoreObject", scriptName: "sync", useSQLite: true } },
        },
      ],
    })
  })
  afterAll(async () => {
    await run(Scope.close(scope, Exit.void))
    await backend.stop()
  })

  const ask = async (calls: ReadonlyArray<Call>): Promise<ReadonlyArray<RpcAnswer>> => {
    const worker = await backend.miniflare().getWorker("stranger")
    const body = JSON.stringify({ key: await storeKey(storeId), calls })
    const answers = (await (await worker.fetch("http://stranger/", { method: "POST", body })).json()) as ReadonlyArray<
      RpcAnswer & { readonly threw?: string }
    >
    expect(answers.filter(({ threw }) => threw !== undefined)).toEqual([])
    return answers
  }
  const greeting = JSON.stringify({ t: "hello", version: 1, storeId, clientId: "f", silenceMs: 90_000 })
  const callOf = (nth: number, connection: string): Call => {
    const frame = brokenFrame(seed, nth, storeId)
    return {
      caller: nth % 50 === 0 ? oddCallers[(nth / 50) % oddCallers.length] : { connection, client: "nobody", life: 1 },
      frame: typeof frame === "string" ? frame : { bytes: [...frame] },
    }
  }

  it(`are answered or end their registration, each of ${frames}, and others are served as before`, async () => {
    const witness = await run(
      Scope.provide(
        openCloudflareClient({
          form: { transport: "ws", storage: "do" },
          storeId,
          clientId: "w",
          memory: clientMemoryOver(new Map()),
          target: backend.target,
        }),
        scope,
      ),
    )
    let closed = 0
    const wrong: Array<string> = []
    for (let nth = 0; nth < frames;) {
      const calls: Array<Call> = []
      for (let n = 0; n < atOnce; n += together) {
        const connection = `r${nth + n}`
        const caller = { connection, client: "nobody", life: 1 }
        // Every second one greets first, so that frames reach what lies behind the greeting.
        if (n % (2 * together) === 0) calls.push({ caller, frame: greeting })
        for (let m = 0; m < together; m++) calls.push(callOf(nth + n + m, connection))
        // What cannot be a frame comes last: whatever went before, the registration ends with it.
        calls.push({ caller, frame: "none" })
      }
      nth += atOnce
      for (const answer of await ask(calls)) {
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
    const views = hostViews(harnessRoutes(backend.target, token))
    expect(await run(views.inspect(storeId))).toHaveLength(1)
    expect(await run(views.gauges(storeId))).toMatchObject({ sockets: 1, subscriptions: 0 })
  })

  it("end with a frame that is too large, which is not read", async () => {
    const caller = { connection: "large", client: "nobody", life: 1 }
    const [greeted, answer] = await ask([
      { caller, frame: greeting },
      { caller, frame: oversizeFrame() },
    ])
    expect(greeted?.closed).toBe(false)
    expect(answer).toEqual({ frames: [], closed: true })
    expect(backend.logTail().some((line) => line.includes("ended: a frame of more than 900000 bytes"))).toBe(true)
  })
})
