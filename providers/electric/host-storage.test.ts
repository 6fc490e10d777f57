import { Effect, Exit, Option, Scope, Stream } from "effect"
import { afterEach, beforeEach, expect, it } from "vitest"
import { clientMemoryOver } from "../../contract/client-memory.ts"
import { storeKey } from "../cloudflare/wire.ts"
import { startEmbeddedPair, type EmbeddedPair } from "./embedded-pair.ts"
import { startElectricHost } from "./host.ts"
import { connectDatabase, storeOf } from "./push-api/database.ts"

let scope: Scope.Closeable
let pair: EmbeddedPair
beforeEach(async () => {
  scope = Scope.makeUnsafe()
  pair = await Effect.runPromise(Scope.provide(startEmbeddedPair({}), scope))
}, 60_000)
afterEach(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const event = { seqNum: 1, parentSeqNum: 0, name: "todoCreated", args: {}, clientId: "a", sessionId: "s" }
const restores = 12

it("a restored snapshot stands, however many ask for the store while it is restored", async () => {
  const options = { key: "electric-embedded", title: "Electric" }
  const host = await Effect.runPromise(Scope.provide(startElectricHost(pair, options), scope))
  const open = host.open({ storeId: "store", clientId: "a", memory: clientMemoryOver(new Map()) })
  const client = await Effect.runPromise(Scope.provide(open, scope))
  await Effect.runPromise(client.push([event]))
  const restore = await Effect.runPromise(host.storage!.snapshot!("store"))

  const sql = connectDatabase(pair.databaseUrl())
  const key = await storeKey("store")
  let asking = true
  const asked = Array.from({ length: 4 }, async () => {
    // One that finds no life begins one, unless it ends meanwhile.
    while (asking) await storeOf(sql, key).catch(() => undefined)
  })
  for (let n = 0; n < restores; n++) await Effect.runPromise(restore)
  asking = false
  await Promise.all(asked)
  await sql.end()

  const pulled = await Effect.runPromise(Stream.runCollect(client.pull(Option.none())))
  // The one process that follows Postgres's log has a slot, and no restore adds another.
  expect(await Effect.runPromise(host.gauges!("store"))).toMatchObject({ slots: 1 })
  expect(pulled.flatMap(({ events }) => events.map(({ event: { seqNum } }) => seqNum))).toEqual([1])
})
