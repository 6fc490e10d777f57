import { Effect } from "effect"
import type { Arena, ArenaClient } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { expectReaches, openLive } from "./live.ts"
import { positions } from "./support/cursor.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

/** Pushes into each store in turn and requires that live pulls and full pulls show each its own. Bleeding is in the record. */
const expectApart = (arena: Arena, stores: ReadonlyArray<string>, word: string) =>
  Effect.gen(function* () {
    const clients = yield* Effect.forEach(stores, (storeId, index) => arena.open(`${word}${index}`, { storeId }), {
      concurrency: 4,
    })
    for (const client of clients) yield* arena.requireOk(yield* client.connect, `connect to store "${client.storeId}"`)
    const lives = yield* Effect.forEach(clients, (client) => openLive(arena, client))
    // The same positions everywhere, with unlike lengths: a head that is shared shows at once.
    for (const [index, client] of clients.entries()) yield* arena.fill(client, 0, 1 + (index % 3))
    for (const [index, client] of clients.entries()) yield* arena.fill(client, 1 + (index % 3), 1)
    for (const [index, client] of clients.entries()) {
      const head = 2 + (index % 3)
      yield* expectReaches(arena, lives[index]!, head, `the live pull of store "${client.storeId}"`)
      const pulled = yield* client.pull()
      yield* arena.expect(
        pulled.events.length === head,
        "store-bleed",
        `store "${client.storeId}" was given ${head} events and shows ${positions(pulled.events)}`,
        [pulled.settled.op],
      )
      yield* lives[index]!.interrupt()
    }
  })

/** A name is a store of its own, or it is refused at connect and everywhere else. */
const expectOwnOrRefused = (arena: Arena, client: ArenaClient) =>
  Effect.gen(function* () {
    const name = JSON.stringify(client.storeId)
    const connected = yield* client.connect
    yield* arena.expectSettled(connected, `connect to the store ${name}`)
    const before = yield* client.pull()
    yield* arena.expect(before.events.length === 0, "store-bleed", `the new store ${name} shows ${positions(before.events)}`, [before.settled.op])
    const pushed = yield* client.push(arena.chain(client, 0, 2))
    const after = yield* client.pull()
    const verdicts = [connected._tag, before.settled._tag, pushed._tag, after.settled._tag]
    const own = verdicts.every((tag) => tag === "ok") && after.events.length === 2
    const refused = verdicts.every((tag) => tag === "refused" || tag === "indefinite")
    yield* arena.expect(
      own || refused,
      "wrong-refusal",
      `the store ${name} is neither one of its own nor refused everywhere: connect, pull, push and pull ended ${verdicts.join(", ")}, showing ${positions(after.events)}`,
      [connected.op, before.settled.op, pushed.op, after.settled.op],
    )
  })

export const storeChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "store/isolated",
    clause: "store/isolated",
    run: (arena) => expectApart(arena, ["one", "two", "three"].map((word) => arena.newStore(word)), "c"),
  },
  {
    ...base,
    id: "store/isolated#payload",
    clause: "store/isolated",
    needs: ["app"],
    run: (arena) =>
      Effect.gen(function* () {
        const [one, two] = [arena.newStore("one"), arena.newStore("two")]
        const a = yield* arena.open("a", { storeId: one, payload: { tenant: "one" } })
        const b = yield* arena.open("b", { storeId: two, payload: { tenant: "two" } })
        for (let head = 0; head < 3; head++) {
          yield* arena.fill(a, head, 1)
          yield* arena.fill(b, head, 1)
        }
        for (const [storeId, tenant] of [
          [one, "one"],
          [two, "two"],
        ] as const) {
          const records = yield* Effect.catch(arena.backend.app.seen(storeId), (error) =>
            Effect.as(arena.premise(false, `the hooks could not be read: ${error.message}`), []),
          )
          const alien = records.filter(({ payload }) => JSON.stringify(payload) !== JSON.stringify({ tenant }))
          yield* arena.expect(
            records.length > 0 && alien.length === 0,
            "payload-bleed",
            `hooks of store ${tenant} were asked ${records.length} times, ${alien.length} of them with ${JSON.stringify(alien[0]?.payload)}`,
          )
        }
      }),
  },
  {
    ...base,
    id: "store/similar-names",
    clause: "store/similar-names",
    run: (arena) =>
      Effect.gen(function* () {
        const stem = arena.newStore("Name")
        const long = `${stem}-${"n".repeat(110)}`
        yield* expectApart(
          arena,
          [
            `${stem}-case`,
            `${stem}-CASE`,
            `${stem}-a-b`,
            `${stem}-a_b`,
            `${stem}-caf\u00e9`,
            `${stem}-cafe\u0301`,
            `${long.slice(0, 64)}1`,
            `${long.slice(0, 64)}2`,
            `${long.slice(0, 100)}1`,
            `${long.slice(0, 100)}2`,
          ],
          "s",
        )
      }),
  },
  {
    ...base,
    id: "store/odd-names",
    clause: "store/odd-names",
    run: (arena) =>
      Effect.gen(function* () {
        const stem = arena.newStore("odd")
        const odd = [
          `${stem} with spaces`,
          `${stem}/slash/../dots`,
          `${stem}.dots..`,
          `${stem}'quote"s\``,
          `${stem}'; DROP TABLE events; --`,
          `${stem}?storeId=other&x=y#frag`,
          `${stem}%2Fencoded%00`,
          `${stem}\\back\nline`,
          `${stem}-\u{1f980}-\u4f60`,
          `__proto__${stem}`,
        ]
        yield* Effect.forEach(
          odd,
          (storeId, index) => Effect.flatMap(arena.open(`o${index}`, { storeId }), (client) => expectOwnOrRefused(arena, client)),
          { concurrency: 5, discard: true },
        )
      }),
  },
  {
    ...base,
    id: "store/many-on-one-client",
    clause: "store/many-on-one-client",
    run: (arena) =>
      Effect.gen(function* () {
        // One client process: the same clientId opens ten stores at once.
        const clients = yield* Effect.forEach(
          Array.from({ length: 10 }, (_, n) => arena.newStore(`many${n}`)),
          (storeId) => arena.open("one-client", { storeId }),
          { concurrency: 5 },
        )
        const lives = yield* Effect.forEach(clients, (client) => openLive(arena, client), { concurrency: 5 })
        yield* arena.together(clients.map((client, index) => arena.fill(client, 0, 1 + (index % 4))))
        yield* arena.together(clients.map((client, index) => arena.fill(client, 1 + (index % 4), 2)))
        for (const [index, client] of clients.entries()) {
          const head = 3 + (index % 4)
          yield* expectReaches(arena, lives[index]!, head, `the live pull of store ${index} of ten`)
          const pulled = yield* client.pull()
          yield* arena.expect(
            pulled.events.length === head && lives[index]!.events().length === head,
            "store-bleed",
            `store ${index} of ten on one client was given ${head} events; a pull shows ${positions(pulled.events)} and its live pull ${positions(lives[index]!.events())}`,
            [pulled.settled.op, lives[index]!.op],
          )
          yield* lives[index]!.interrupt()
        }
      }),
  },
]
