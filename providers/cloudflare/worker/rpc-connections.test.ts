import { describe, expect, it } from "vitest"
import { nodeSql } from "../core/node-sql.fixture.ts"
import type { Sql } from "../core/sql.ts"
import { rpcConnections } from "./rpc-connections.ts"

const caller = { connection: "r1", client: "object", life: 1 }
const hello = `{"t":"hello"}`
const poke = (head: number) => `{"t":"poke","backendId":"b","head":${head}}`

/** Registrations over this storage; what reaches the client object is in `told`. `answer` may say otherwise. */
const registrations = (sql: Sql, answer: (told: number) => boolean = () => true) => {
  const told: Array<{ readonly frames: ReadonlyArray<string>; readonly closed: boolean }> = []
  const notes: Array<string> = []
  const connections = rpcConnections({
    sql,
    nowMs: () => 1_000,
    removeRow: (remove) => remove(),
    note: (line) => void notes.push(line),
    deliver: async (_client, _connection, frames, closed) => {
      told.push({ frames, closed })
      return answer(told.length)
    },
  })
  /** Greets, and subscribes with so many live pulls. */
  const greet = (live: number) =>
    connections.serve(caller, hello, async (connection) => {
      connection.keep({ ...connection.state(), greeted: true, live })
      connection.send("welcome")
    })
  return { connections, told, notes, greet }
}

describe("registrations of client objects", () => {
  it("begin with a greeting; any other frame of an unknown one ends it", async () => {
    const { connections, greet } = registrations(nodeSql())
    const early = await connections.serve(caller, `{"t":"pull"}`, async () => undefined)
    expect(early).toEqual({ frames: [], closed: true })
    expect(await greet(1)).toEqual({ frames: ["welcome"], closed: false })
    expect(connections.open().map((connection) => connection.state().live)).toEqual([1])
  })

  it("answer what is no text like any other frame of an unknown one", async () => {
    const { connections } = registrations(nodeSql())
    for (const frame of [new Uint8Array(3), undefined, 7, { t: "hello" }]) {
      expect(await connections.serve(caller, frame, async () => undefined)).toEqual({ frames: [], closed: true })
    }
    expect(connections.open()).toEqual([])
  })

  it("serve nobody but their own client, who is not disturbed by another", async () => {
    const { connections, notes, greet } = registrations(nodeSql())
    await greet(2)
    const impostor = { ...caller, client: "another", life: 7 }
    for (const frame of [hello, `{"t":"push"}`, new Uint8Array(3)]) {
      expect(await connections.serve(impostor, frame, async () => undefined)).toEqual({ frames: [], closed: true })
    }
    expect(connections.heard(impostor)).toBe(false)
    expect(notes).toEqual(Array.from({ length: 4 }, () => "call refused: the registration is another client's"))
    expect(connections.heard(caller)).toBe(true)
    expect(connections.open().map((connection) => connection.state())).toMatchObject([{ greeted: true, live: 2 }])
  })

  it("are noted once when they were never made, and not when they are over or only asked for a sign of life", async () => {
    const { connections, notes, greet } = registrations(nodeSql())
    const push = (connection: string) =>
      connections.serve({ ...caller, connection }, `{"t":"push"}`, async () => undefined)
    expect(connections.heard(caller)).toBe(false)
    await greet(1)
    connections.remove(caller.connection)
    await push(caller.connection)
    expect(notes).toEqual([])
    await push("never")
    await push("never")
    expect(notes).toEqual(["call refused: no such registration"])
  })

  it("are there for the object's next life, with what they subscribed to", async () => {
    const sql = nodeSql()
    await registrations(sql).greet(3)
    const { connections, told } = registrations(sql)
    expect(connections.open().map((connection) => connection.state())).toMatchObject([{ greeted: true, live: 3 }])
    connections.find("r1")?.send(poke(1))
    await connections.delivered()
    expect(told).toEqual([{ frames: [poke(1)], closed: false }])
  })

  it("take ids afresh from a client that came to life again", async () => {
    const { connections, greet } = registrations(nodeSql())
    await greet(1)
    const pushes = (life: number, push: number) =>
      connections.serve({ ...caller, life }, `{"t":"push"}`, async (connection) => {
        connection.send(String(connection.state().lastPush))
        connection.keep({ ...connection.state(), lastPush: push })
      })
    expect((await pushes(1, 7)).frames).toEqual(["0"])
    expect((await pushes(1, 8)).frames).toEqual(["7"])
    expect((await pushes(2, 1)).frames).toEqual(["0"])
  })

  it("go when the client object knows none", async () => {
    const sql = nodeSql()
    const { connections, greet } = registrations(sql, () => false)
    await greet(1)
    connections.find("r1")?.send(poke(1))
    await connections.delivered()
    expect(connections.open()).toEqual([])
    expect(registrations(sql).connections.open()).toEqual([])
  })

  it("are told again what did not arrive, and of several pokes only the last", async () => {
    const { connections, told, greet } = registrations(nodeSql(), (calls) => {
      if (calls === 1) throw new Error("lost on the way")
      return true
    })
    await greet(1)
    const connection = connections.find("r1")
    connection?.send(poke(1))
    await expect.poll(() => told.length).toBe(2)
    expect(told[1]).toEqual({ frames: [poke(1)], closed: false })
    await connections.delivered()
    connection?.send(poke(2))
    connection?.send(poke(3))
    connection?.send(poke(4))
    await connections.delivered()
    expect(told.slice(2).map(({ frames }) => frames)).toEqual([[poke(2)], [poke(4)]])
  })
})
