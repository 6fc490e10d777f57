import { Effect, Fiber } from "effect"
import { beforeEach, describe, expect, it } from "vitest"
import { closeCodes, encodeFrame, frameBytes, type ClientMessage } from "../wire.ts"
import { testApplication } from "./application.ts"
import { makeBackend } from "./backend.ts"
import { newConnectionState } from "./connection-state.ts"
import { makeConnectionServer } from "./connection-server.ts"
import type { Connection, ConnectionServer } from "./connection.ts"
import { d1Log } from "./d1-log.ts"
import type { LogHead } from "./log-store.ts"
import { nodeD1, type NodeD1 } from "./node-d1.fixture.ts"
import { referenceSeams } from "./reference-seams.ts"
import { memorySessions } from "./sessions.ts"

const hello: ClientMessage = { t: "hello", version: 1, storeId: "s", clientId: "c", silenceMs: 30_000 }
const pushOne = (id: number, seqNum: number): ClientMessage => ({
  t: "push",
  id,
  part: 0,
  parts: 1,
  events: 1,
  rows: [[seqNum, seqNum - 1, "happened", "c", "s"]],
})
const pull = (id: number, live: boolean): ClientMessage => ({ t: "pull", id, live, after: { seqNum: 0 } })

interface Heard extends Connection {
  readonly heard: Array<Record<string, unknown>>
}

const connectionCalled = (id: string): Heard => {
  let state = newConnectionState(id, 0)
  const heard: Array<Record<string, unknown>> = []
  return {
    heard,
    state: () => state,
    keep: (next) => {
      state = next
    },
    send: (frame) => void heard.push(JSON.parse(frame.split("\n")[0]!) as Record<string, unknown>),
    close: (code) => void heard.push({ closed: code }),
    heardAtMs: () => 0,
  }
}

describe("a server of connections whose storage takes its time", () => {
  let d1: NodeD1
  let server: ConnectionServer
  let connections: Array<Heard>
  let announced: Array<number>
  let hooks: Array<string>
  let notes: Array<string>
  const revoked = new Set<string>()
  const sessions = memorySessions()
  beforeEach(() => {
    d1 = nodeD1()
    connections = ["one", "two"].map(connectionCalled)
    announced = []
    hooks = []
    notes = []
    revoked.clear()
    const log = d1Log({ d1, store: "s", seams: referenceSeams, newBackendId: () => "life" })
    const application = testApplication({ revoked, saw: (hook) => void hooks.push(hook) })
    const committed = (head: LogHead) => server.publish(head)
    server = makeConnectionServer({
      log,
      backend: makeBackend({ log, application, seams: referenceSeams, committed }),
      seams: referenceSeams,
      sessions,
      connections: () => connections,
      ownsStore: (storeId) => Effect.as(Effect.yieldNow, storeId === "s"),
      nowMs: () => 0,
      note: (line) => void notes.push(line),
      announce: ({ seqNum }) => void announced.push(seqNum),
    })
  })

  const say = (connection: Connection, message: ClientMessage) =>
    server.onFrame(connection, encodeFrame(message, message.t === "push" ? message.rows.map(() => undefined) : []))
  const tags = (connection: Heard) => connection.heard.map(({ t, closed }) => t ?? closed)
  const run = <A>(effect: Effect.Effect<A>): Promise<A> => Effect.runPromise(effect)
  const both = (...effects: ReadonlyArray<Effect.Effect<void>>) =>
    run(Effect.all(effects, { concurrency: "unbounded", discard: true }))

  it("answers a greeting that comes twice once", async () => {
    const [one] = connections as [Heard]
    await both(say(one, hello), say(one, hello))
    expect(tags(one)).toEqual(["welcome"])
    await run(say(one, hello))
    expect(tags(one)).toEqual(["welcome"])
    expect(hooks).toEqual(["connect"])
    expect(notes).toEqual([])
  })

  it.each([
    ["store", { storeId: "another" }],
    ["client", { clientId: "another" }],
    ["payload", { payload: { id: 2 } }],
    ["version", { version: 2 }],
  ])(
    "ends a connection with a second hello of another %s, before or after the first was answered",
    async (_, other) => {
      const [one, two] = connections as [Heard, Heard]
      const first: ClientMessage = { ...hello, payload: { id: 1 } }
      await run(say(one, first))
      await run(say(one, { ...first, ...other }))
      expect(tags(one)).toEqual(["welcome", closeCodes.protocol])
      await both(say(two, first), say(two, { ...first, ...other }))
      expect(tags(two)).toEqual([closeCodes.protocol])
      expect(notes).toEqual([`connection "one" ended: another hello`, `connection "two" ended: another hello`])
      expect([sessions.get("one"), sessions.get("two")]).toEqual([undefined, undefined])
    },
  )

  it.each([
    ["another store", { storeId: "another" }, [closeCodes.protocol], "hello for another store"],
    ["another version", { version: 2 }, ["refused", closeCodes.refused], "another version of the protocol"],
  ])("refuses a hello for %s, and notes it once, whatever else comes", async (_, other, heard, line) => {
    const [one] = connections as [Heard]
    await both(say(one, { ...hello, ...other }), say(one, { ...hello, ...other }))
    await run(say(one, pushOne(1, 1)))
    await run(server.onFrame(one, "none"))
    expect(tags(one)).toEqual(heard)
    expect(notes).toEqual([`connection "one" ended: ${line}`])
  })

  it("notes a breach once when a greeting is refused behind it", async () => {
    const [one] = connections as [Heard]
    await both(say(one, { ...hello, storeId: "another" }), server.onFrame(one, "none"))
    expect(notes).toEqual([`connection "one" ended: not a frame of this protocol`])
  })

  it("ends a connection with a frame that is too large, and does not read it", async () => {
    const [one] = connections as [Heard]
    await run(say(one, hello))
    await run(server.onFrame(one, JSON.stringify({ t: "check", id: 1, pad: "x".repeat(frameBytes) })))
    expect(tags(one)).toEqual(["welcome", closeCodes.tooLarge])
    expect(sessions.get("one")).toBeUndefined()
  })

  it("keeps no session of a connection that ended while its greeting was looked at", async () => {
    const [one] = connections as [Heard]
    await both(
      say(one, hello),
      Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => server.onEnd(one)),
      ),
    )
    expect(sessions.get("one")).toBeUndefined()
    expect(one.state().greeted).toBe(false)
  })

  it("does not take back the news of a commit when a head that was read before arrives after it", async () => {
    const [one, two] = connections as [Heard, Heard]
    await run(say(one, hello))
    await run(
      Effect.gen(function* () {
        // The greeting's head is read at once and answered late.
        d1.takeTurns(0, 200)
        const greeting = yield* Effect.forkChild(say(two, hello))
        yield* Effect.yieldNow
        d1.takeTurns(0)
        yield* say(one, pushOne(1, 1))
        expect(tags(two)).toEqual([])
        yield* Fiber.join(greeting)
      }),
    )
    expect(announced).toEqual([0, 1, 1])
    expect(two.heard).toMatchObject([{ t: "welcome", head: 1 }])
  })

  it("takes pushes in the order in which they came, and pokes before it acknowledges", async () => {
    const [one, two] = connections as [Heard, Heard]
    await both(say(one, hello), say(two, hello))
    await run(say(two, { t: "watch", id: 1, live: 1 }))
    const order: Array<unknown> = []
    for (const { heard } of connections) {
      heard.push = (message) => order.push(message["t"], message["head"])
    }
    await both(say(one, pushOne(1, 1)), say(one, pushOne(2, 2)))
    expect(order).toEqual(["poke", 1, "pushed", 1, "poke", 2, "pushed", 2])
  })

  it("shows nothing to a session whose payload was revoked while the page was read", async () => {
    const [one] = connections as [Heard]
    await run(say(one, { ...hello, payload: { token: "revocable", id: "r" } }))
    await both(
      say(one, pull(1, true)),
      Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => void revoked.add("r")),
      ),
    )
    expect(one.heard).toMatchObject([{ t: "welcome" }, { t: "refused", id: 1 }, { t: "refused" }, { closed: 4403 }])
  })
})
