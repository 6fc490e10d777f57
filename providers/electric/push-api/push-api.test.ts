import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { storeKey } from "../../cloudflare/wire.ts"
import { startPostgres, type Postgres } from "../postgres/start-postgres.ts"
import { credentialsHeader, type PushedRow } from "../wire.ts"
import { startPushApi, type PushApiProcess } from "./start-push-api.ts"

const scope = Scope.makeUnsafe()
let database: Postgres
let api: PushApiProcess
beforeAll(async () => {
  database = await Effect.runPromise(Scope.provide(startPostgres(), scope))
  api = await Effect.runPromise(
    Scope.provide(
      startPushApi({
        databaseUrl: database.url,
        electric: () => ({ url: "http://127.0.0.1:1" }),
        token: "token",
        revoked: () => [],
      }),
      scope,
    ),
  )
}, 120_000)
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const base = async (store: string): Promise<string> => {
  const { host, port } = api.target()
  return `http://${host}:${port}/v1/stores/${await storeKey(store)}`
}

const post = async (store: string, route: string, body: unknown, payload?: unknown) => {
  const credentials = Buffer.from(JSON.stringify(payload === undefined ? {} : { payload })).toString("base64url")
  const response = await fetch(`${await base(store)}/${route}`, {
    method: "POST",
    headers: { [credentialsHeader]: credentials },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const rows = (...numbers: ReadonlyArray<number>): ReadonlyArray<PushedRow> =>
  numbers.map((n) => [n, n - 1, "e", "a", "s", null])

const fault = (store: string, faults: unknown) =>
  storeKey(store).then((key) =>
    fetch(`http://127.0.0.1:${api.target().port}/__harness/faults/${key}`, {
      method: "POST",
      headers: { "x-harness-token": "token" },
      body: JSON.stringify(faults),
    }),
  )

describe("the push API", () => {
  it("accepts one of many batches on one parent and tells the others the true head", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => post("race", "push", { rows: rows(1, 2) })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const refused = answers.filter(({ status }) => status === 409)
    expect(refused).toHaveLength(19)
    expect(refused.every(({ body }) => (body["error"] as { readonly head: number }).head === 2)).toBe(true)
  })

  it.each([1, 2])("stores nothing of a batch whose writing statement %i fails in Postgres", async (nth) => {
    const store = `failing ${nth}`
    await post(store, "push", { rows: rows(1) })
    await fault(store, { writesUntilFailure: nth })
    expect((await post(store, "push", { rows: rows(2, 3) })).status).toBe(503)
    expect((await post(store, "connect", {})).body["head"]).toBe(1)
    expect((await post(store, "push", { rows: rows(2) })).status).toBe(200)
  })

  it("begins another life when a store's table and row are taken away beneath it", async () => {
    const before = await post("wiped", "push", { rows: rows(1) })
    const sql = (await import("./database.ts")).connectDatabase(database.url())
    await (await import("../host-storage.ts")).wipeStores(sql, [await storeKey("wiped")])
    await sql.end()
    const known = before.body["backendId"]
    const pushed = await post("wiped", "push", { rows: rows(2), known })
    expect(pushed).toMatchObject({ status: 410, body: { error: { _tag: "BackendIdMismatch", expected: known } } })
    expect((await post("wiped", "push", { rows: rows(1) })).status).toBe(200)
  })

  it("refuses payloads, broken chains, cursors past the head and of another log, each by its name", async () => {
    const tag = async (...asked: Parameters<typeof post>) =>
      ((await post(...asked)).body["error"] as { readonly _tag: string })._tag
    await post("refusals", "push", { rows: rows(1, 2) })
    expect(await tag("refusals", "push", { rows: rows(3) }, { token: "reject" })).toBe("PayloadRejected")
    expect(await tag("refusals", "push", { rows: rows(3, 5) })).toBe("InvalidPush")
    expect(await tag("refusals", "push", { rows: [[3, 2, "gauntlet.reject", "a", "s", '{"reason":"no"}']] })).toBe(
      "PushRejected",
    )
    expect(await tag("refusals", "pull", { after: { seqNum: 7 } })).toBe("CursorAhead")
    expect(await tag("refusals", "pull", { after: { seqNum: 1, digest: "of another log" } })).toBe("BackendIdMismatch")
  })

  it("never hands a request for a shape on to Electric without a life that is the store's", async () => {
    const { status } = await fetch(`${await base("lives")}/pull/shape?life=another&table=pg_class&offset=-1`, {
      headers: { [credentialsHeader]: "e30" },
    })
    expect(status).toBe(410)
  })

  it("answers 503 while the database is down, and serves again when it is back", async () => {
    await post("outage", "push", { rows: rows(1) })
    await Effect.runPromise(database.kill)
    expect((await post("outage", "push", { rows: rows(2) })).status).toBe(503)
    await Effect.runPromise(database.start)
    let served = 0
    for (let look = 0; look < 50 && served !== 200; look += 1) {
      served = (await post("outage", "push", { rows: rows(2) })).status
      if (served !== 200) await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(served).toBe(200)
  })

  it("is the same process after Postgres was killed under its transactions again and again, and lost nothing", async () => {
    const pid = api.pid()
    const heads = new Map(Array.from({ length: 16 }, (_, n) => [`under fire ${n}`, 0]))
    const untrue: Array<string> = []
    let acknowledged = 0
    let goesOn = true
    const write = async (store: string): Promise<void> => {
      while (goesOn) {
        const head = heads.get(store) ?? 0
        const { status, body } = await post(store, "push", { rows: rows(head + 1) })
        if (status === 200) {
          heads.set(store, head + 1)
          acknowledged += 1
        } else if (status === 409) {
          // One whose answer was lost may be there; what was acknowledged has to be.
          const told = (body["error"] as { readonly head: number }).head
          if (told !== head + 1) untrue.push(`${store} was at ${head}, its head is told to be ${told}`)
          heads.set(store, head + 1)
        } else await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
    const writers = Promise.all([...heads.keys()].map(write)).catch(async (error: unknown) => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      throw new Error(`${String(error)}; ${api.ownEnds().join("; ")}`)
    })
    const manyAgain = async (): Promise<void> => {
      for (const enough = acknowledged + 40; acknowledged < enough;) await new Promise((go) => setTimeout(go, 5))
    }
    for (let kills = 0; kills < 4; kills += 1) {
      await Promise.race([manyAgain(), writers])
      await Effect.runPromise(database.kill)
      await Effect.runPromise(database.start)
    }
    await Promise.race([manyAgain(), writers])
    goesOn = false
    await writers
    const there = await Promise.all([...heads.keys()].map(async (store) => (await post(store, "connect", {})).body))
    expect({ untrue, heads: there.map(({ head }) => head) }).toEqual({ untrue: [], heads: [...heads.values()] })
    expect({ pid: api.pid(), ownEnds: api.ownEnds() }).toEqual({ pid, ownEnds: [] })
  })

  it("that ends though nobody told it to says so, with the end of its log, and can be started again", async () => {
    process.kill(api.pid() ?? 0, "SIGHUP")
    await expect.poll(() => api.ownEnds()).toHaveLength(1)
    expect(api.ownEnds()[0]).toMatch(
      /^the push API ended and nobody had told it to: it was ended by SIGHUP\n {2}.*port/,
    )
    expect(api.pid()).toBeUndefined()
    await Effect.runPromise(api.start)
    expect((await post("again", "push", { rows: rows(1) })).status).toBe(200)
    await Effect.runPromise(Effect.andThen(api.kill, api.start))
    expect(api.ownEnds()).toHaveLength(1)
  })
})
