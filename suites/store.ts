import { Effect } from "effect"
import type { Arena, ArenaClient, CheckStop, RunningPull } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { expectGoesOn } from "./live-faults.ts"
import { expectReaches, openLive } from "./live.ts"
import { pushesAgain } from "./support/again.ts"
import { positions } from "./support/cursor.ts"
import { expectHooks, hooksDuring, hooksSeen } from "./support/hooks.ts"
import { lookalikes, moreOddNames, oddNames } from "./support/store-names.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** A store under test: its one client and live pull, and how many events it was given. */
interface Kept {
  readonly client: ArenaClient
  readonly live: RunningPull
  head: number
}

/** Opens a live pull on each store. */
const keep = (arena: Arena, clients: ReadonlyArray<ArenaClient>) =>
  Effect.forEach(
    clients,
    (client) => Effect.map(openLive(arena, client), (live): Kept => ({ client, live, head: 0 })),
    { concurrency: 5 },
  )

const pushOn = (arena: Arena, kept: Kept, count: number): Effect.Effect<void, CheckStop> =>
  Effect.gen(function* () {
    yield* arena.fill(kept.client, kept.head, count)
    kept.head += count
  })

/** Live pull, full pull and head of each store are its own. Whose events bleed where is read from the record. */
const expectOwn = (arena: Arena, stores: ReadonlyArray<Kept>) =>
  Effect.forEach(
    stores,
    ({ client, live, head }) =>
      Effect.gen(function* () {
        const name = JSON.stringify(client.storeId)
        yield* expectReaches(arena, live, head, `the live pull of store ${name}`)
        const pulled = yield* client.pull()
        yield* arena.expect(
          pulled.events.length === head && live.events().length === head,
          "store-bleed",
          `store ${name} was given ${head} events; a pull shows ${positions(pulled.events)} and its live pull ${positions(live.events())}`,
          [pulled.settled.op, live.op],
        )
        // A push past the head is told the head of this store: the record knows which that is.
        const stale = yield* client.push(arena.chain(client, head + 50, 1))
        yield* arena.expect(
          stale._tag !== "ok",
          "store-bleed",
          `store ${name} has the head ${head} and took a push on ${head + 50}`,
          [stale.op],
        )
      }),
    { discard: true },
  )

/** Pushes into every store but the last, which stays empty, and requires that each shows its own and nothing else. */
const expectApart = (arena: Arena, names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const clients = yield* Effect.forEach(names, (storeId, n) => arena.open(`c${n}`, { storeId }), { concurrency: 4 })
    yield* Effect.forEach(
      clients,
      (client) =>
        Effect.flatMap(client.connect, (settled) => arena.requireOk(settled, `connect to store "${client.storeId}"`)),
      { concurrency: 4, discard: true },
    )
    const stores = yield* keep(arena, clients)
    const written = stores.slice(0, -1)
    // The same positions everywhere, with unlike lengths: a head that is shared shows at once.
    for (const [n, store] of written.entries()) yield* pushOn(arena, store, 1 + (n % 3))
    yield* arena.together(written.map((store) => pushOn(arena, store, 1)))
    yield* expectOwn(arena, stores)
    for (const { live } of stores) yield* live.interrupt()
  })

/** What every operation on a store with an odd name came to. */
interface OddStore {
  readonly client: ArenaClient
  readonly ends: Array<{ readonly what: string; readonly tag: string; readonly op: number }>
}

/** One operation on each of the stores, before the next begins. */
const onEach = <A extends { readonly _tag: string; readonly op: number }>(
  stores: ReadonlyArray<OddStore>,
  what: string,
  run: (store: OddStore) => Effect.Effect<A, CheckStop>,
) =>
  Effect.forEach(
    stores,
    (store) => Effect.map(run(store), ({ _tag, op }) => void store.ends.push({ what, tag: _tag, op })),
    { concurrency: "unbounded", discard: true },
  )

const expectShows = (arena: Arena, { client }: OddStore, events: number) =>
  Effect.gen(function* () {
    const pulled = yield* client.pull()
    yield* arena.expect(
      pulled.events.length === 0 || pulled.events.length === events,
      "store-bleed",
      `the store ${JSON.stringify(client.storeId)} was given ${events} events and shows ${positions(pulled.events)}`,
      [pulled.settled.op],
    )
    const missing = pulled.settled._tag === "ok" && pulled.events.length !== events
    return missing ? ({ _tag: "empty", op: pulled.settled.op } as const) : pulled.settled
  })

/** A live pull that says where it stands; how it ended if it did. */
const liveEnd = ({ client }: OddStore) =>
  Effect.gen(function* () {
    const live = yield* client.live()
    const caughtUp = yield* live.caughtUp()
    const ended = live.now()
    yield* live.interrupt()
    return caughtUp ? ({ _tag: "ok", op: live.op } as const) : (ended ?? ({ _tag: "stuck", op: live.op } as const))
  })

export const storeChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "store/isolated",
    clause: "store/isolated",
    run: (arena) =>
      expectApart(
        arena,
        ["one", "two", "three", "never-written"].map((word) => arena.newStore(word)),
      ),
  },
  {
    ...base,
    id: "store/isolated#payload",
    clause: "store/isolated",
    needs: ["app"],
    run: (arena) =>
      Effect.gen(function* () {
        const tenants = ["one", "two"].map((word) => ({ storeId: arena.newStore(word), payload: { tenant: word } }))
        const clients = yield* Effect.forEach(tenants, (tenant, n) => arena.open(`c${n}`, tenant))
        for (let head = 0; head < 3; head++) {
          for (const client of clients) yield* arena.fill(client, head, 1)
        }
        yield* arena.together(clients.map((client) => client.pull()))
        for (const { storeId, payload } of tenants) {
          const calls = yield* hooksSeen(arena, storeId)
          yield* expectHooks(arena, calls, ["push"], payload, `the operations on store ${payload.tenant}`)
        }
        // What happens in one store asks no hook of the other.
        const calls = yield* hooksDuring(arena, arena.fill(clients[0]!, 3, 1), { storeId: tenants[1]!.storeId })
        yield* arena.expect(
          calls.every(({ hook }) => hook !== "push"),
          "payload-bleed",
          "a push to store one asked the push hook of store two",
        )
      }),
  },
  {
    ...base,
    id: "store/similar-names",
    waits: true,
    clause: "store/similar-names",
    run: (arena) => expectApart(arena, lookalikes(arena.newStore("Name"))),
  },
  odd("store/odd-names", oddNames, {}),
  odd("store/odd-names#more", moreOddNames, { cost: "heavy" }),
  {
    ...base,
    id: "store/many-on-one-client",
    clause: "store/many-on-one-client",
    run: (arena) =>
      Effect.gen(function* () {
        // One client process: the same clientId opens ten stores at once.
        const names = Array.from({ length: 10 }, (_, n) => arena.newStore(`many${n}`))
        const open = (storeId: string) => arena.open("one-client", { storeId })
        const stores = yield* keep(arena, yield* Effect.forEach(names, open, { concurrency: 5 }))
        yield* arena.together(stores.map((store, n) => pushOn(arena, store, 1 + (n % 4))))
        yield* arena.together(stores.map((store) => pushOn(arena, store, 2)))
        yield* expectOwn(arena, stores)
        // Another process pushes: of this the live pulls have no acknowledgement, and news must find their store.
        for (const store of [stores[7]!, stores[2]!]) {
          const other = yield* arena.open("another", { storeId: store.client.storeId })
          yield* arena.fill(other, store.head, 2)
          store.head += 2
        }
        yield* expectOwn(arena, stores)
        // One of the ten ends; the other nine go on.
        yield* stores[4]!.live.interrupt()
        yield* stores[4]!.client.close
        const rest = stores.filter((_, n) => n !== 4)
        yield* arena.together(rest.map((store) => pushOn(arena, store, 1)))
        yield* expectOwn(arena, rest)
        for (const { live } of rest) yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "store/many-on-one-client#after-drop",
    clause: "store/many-on-one-client",
    needs: ["endpoint"],
    run: (arena) =>
      Effect.gen(function* () {
        // Every store's connection is dropped; each live pull goes on where it stood in its own store.
        const names = Array.from({ length: 4 }, (_, n) => arena.newStore(`drop${n}`))
        const open = (storeId: string) => arena.open("one-client", { storeId })
        const stores = yield* keep(arena, yield* Effect.forEach(names, open))
        // The longest log first: a position of it lies past what the others have.
        for (const [n, store] of stores.entries()) {
          yield* pushOn(arena, store, 8 - 2 * n)
          yield* expectReaches(arena, store.live, store.head, "a live pull before the drop")
        }
        for (const { client } of stores) yield* client.link.fault({ kind: "reset" })
        for (const store of stores) {
          store.head = yield* pushesAgain(arena, store.client, "after a drop")
          const live = yield* expectGoesOn(arena, store.client, store.live, store.head, "after a drop of every store")
          yield* live.interrupt()
        }
      }),
  },
]

/** Each of these names is a store of its own, or refused whatever is asked of it. */
function odd(id: string, names: (stem: string) => ReadonlyArray<string>, check: Partial<Check>): Check {
  return {
    ...base,
    id,
    clause: "store/odd-names",
    ...check,
    run: (arena) =>
      Effect.gen(function* () {
        const stores = yield* Effect.forEach(names(arena.newStore("odd")), (storeId, n) =>
          Effect.map(arena.open(`o${n}`, { storeId }), (client): OddStore => ({ client, ends: [] })),
        )
        yield* onEach(stores, "connect", ({ client }) => client.connect)
        yield* onEach(stores, "a push", ({ client }) => client.push(arena.chain(client, 0, 2)))
        yield* onEach(stores, "a pull", (store) => expectShows(arena, store, 2))
        yield* onEach(stores, "a live pull", liveEnd)
        for (const { client, ends } of stores) {
          const own = ends.every(({ tag }) => tag === "ok")
          const refused = ends.every(({ tag }) => tag === "refused" || tag === "indefinite")
          yield* arena.expect(
            own || refused,
            "wrong-refusal",
            `the store ${JSON.stringify(client.storeId)} is neither one of its own nor refused everywhere: ${ends.map(({ what, tag }) => `${what} ended ${tag}`).join(", ")}`,
            ends.map(({ op }) => op),
          )
        }
      }),
  }
}
