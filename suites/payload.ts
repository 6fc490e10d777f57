import { Effect } from "effect"
import type { Json } from "../contract/json.ts"
import type { HookRecord } from "../contract/test-application.ts"
import type { Arena, ArenaClient, CheckStop } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { openLive } from "./live.ts"
import { positions } from "./support/cursor.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const
const typedOnly = (capabilities: { readonly errors: string }) =>
  capabilities.errors === "livestore" ? "this provider's error type has no PayloadRejected" : undefined

/** Reads what the hooks of a store saw; a host that declares it and cannot say ends the check. */
const seen = (arena: Arena, storeId?: string): Effect.Effect<ReadonlyArray<HookRecord>, CheckStop> =>
  Effect.catch(arena.backend.app.seen(storeId ?? arena.storeId), (error) =>
    Effect.as(arena.premise(false, `the application's hooks could not be read: ${error.message}`), []),
  )

/** Whether two payloads are equal as JSON, key order aside. */
const sameJson = (a: unknown, b: unknown): boolean => sorted(a) === sorted(b)
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

/** connect, push, pull and live pull of one client, so that every hook is asked. */
const useEverything = (arena: Arena, client: ArenaClient, parent: number) =>
  Effect.gen(function* () {
    yield* arena.requireOk(yield* client.connect, "connect with a payload")
    yield* arena.requireOk(yield* client.push(arena.chain(client, parent, 1)), "a push with a payload")
    yield* arena.requireOk((yield* client.pull()).settled, "a pull with a payload")
    const live = yield* openLive(arena, client)
    yield* live.interrupt()
  })

/** Each hook saw this payload and no other (for `live`, a backend that cannot tell it apart says `pull`). */
const expectHooks = (arena: Arena, records: ReadonlyArray<HookRecord>, payload: Json | undefined, what: string) =>
  Effect.gen(function* () {
    for (const hook of ["connect", "push", "pull"] as const) {
      const calls = records.filter((record) => record.hook === hook || (hook === "pull" && record.hook === "live"))
      yield* arena.expect(calls.length > 0, "payload-bleed", `the application's ${hook} hook was not asked about ${what}`)
      for (const call of calls) {
        const got = "payload" in call ? JSON.stringify(call.payload) : "no payload"
        const right = payload === undefined ? !("payload" in call) : "payload" in call && sameJson(call.payload, payload)
        yield* arena.expect(
          right,
          "payload-bleed",
          `the application's ${call.hook} hook saw ${got.slice(0, 200)} where ${what} was ${payload === undefined ? "absent" : JSON.stringify(payload).slice(0, 200)}`,
        )
      }
    }
  })

/** Payloads that break encoders: unicode, quotes, URL characters, literals that look like absence, deep nesting. */
const payloads: ReadonlyArray<Json> = [
  {},
  [],
  "",
  "undefined",
  "null",
  false,
  0,
  -1.5e-7,
  { a: null },
  { text: "quotes \" ' ` \\ and \n\t\u0001 controls" },
  { url: "a=b&c=d#e?f%20g+h/../i;j:k@l" },
  { unicode: "Grüße 你好 🦀 \u2028\u2029 e\u0301 \u00e9" },
  { percent: "%7B%22already%22%3A%22encoded%22%7D" },
  Array.from({ length: 60 }).reduce<Json>((inner) => ({ inner }), "deep"),
]

export const payloadChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "payload/reaches",
    clause: "payload/reaches",
    needs: ["app"],
    run: (arena) =>
      Effect.gen(function* () {
        const payload = { user: "ada", roles: ["writer", { team: 7 }], note: "é&=#%" }
        const a = yield* arena.open("a", { payload })
        yield* useEverything(arena, a, 0)
        yield* expectHooks(arena, yield* seen(arena), payload, "client a's payload")
      }),
  },
  {
    ...base,
    id: "payload/absent",
    clause: "payload/absent",
    needs: ["app"],
    run: (arena) =>
      Effect.gen(function* () {
        // Another client with a payload came first: its payload must not stick.
        const other = yield* arena.open("other", { payload: { user: "other" } })
        yield* useEverything(arena, other, 0)
        const before = (yield* seen(arena)).length
        const a = yield* arena.open("a")
        yield* useEverything(arena, a, 1)
        yield* expectHooks(arena, (yield* seen(arena)).slice(before), undefined, "client a's payload")
      }),
  },
  {
    ...base,
    id: "payload/rejected",
    clause: "payload/rejected",
    premises: ["pushes of a healthy client are acknowledged"],
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 3)
        const rejectedOf = (word: string) => arena.open(word, { payload: { token: "reject" }, rejected: true })
        // Each operation is once the client's first, so that no earlier refusal answers for it.
        const connecting = yield* rejectedOf("connecting")
        const outcomes: Array<readonly [string, Effect.Success<ArenaClient["connect"]>]> = []
        outcomes.push(["connect", yield* connecting.connect])
        const pushing = yield* rejectedOf("pushing")
        outcomes.push(["push", yield* pushing.push(arena.chain(pushing, 3, 2))])
        const pulling = yield* rejectedOf("pulling")
        const pulled = yield* pulling.pull()
        outcomes.push(["pull", pulled.settled])
        const watching = yield* rejectedOf("watching")
        const live = yield* watching.live()
        const ended = yield* live.ends(arena.capabilities.times.deadlineMs)
        yield* arena.expect(ended !== undefined, "stuck", "a live pull with a rejected payload neither delivered nor failed within the deadline", [live.op])
        if (ended !== undefined) outcomes.push(["live pull", ended])
        for (const [what, settled] of outcomes) {
          yield* arena.expect(settled._tag !== "ok", "payload-bleed", `${what} with a rejected payload succeeded`, [settled.op])
        }
        yield* arena.expect(
          pulled.events.length === 0 && live.events().length === 0,
          "payload-bleed",
          `a client with a rejected payload was shown ${positions(pulled.events)} and live ${positions(live.events())}`,
          [pulled.settled.op, live.op],
        )
        yield* live.interrupt()
        yield* arena.fill(a, 3, 1)
      }),
  },
  {
    ...base,
    id: "payload/typed",
    clause: "payload/typed",
    unsupported: typedOnly,
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a", { payload: { token: "reject" }, rejected: true })
        const expectRejected = (settled: Effect.Success<ArenaClient["connect"]>, what: string) =>
          arena.expectError(settled, ["PayloadRejected"], `${what} with a rejected payload`, "payload-bleed")
        yield* expectRejected(yield* a.connect, "connect")
        yield* expectRejected(yield* a.push(arena.chain(a, 0, 1)), "a push")
        yield* expectRejected((yield* a.pull()).settled, "a pull")
        const live = yield* a.live()
        const ended = yield* live.ends(arena.capabilities.times.deadlineMs)
        yield* arena.expect(ended !== undefined, "payload-bleed", "a live pull with a rejected payload stayed open", [live.op])
        if (ended !== undefined) yield* expectRejected(ended, "a live pull")
      }),
  },
  {
    ...base,
    id: "payload/expires",
    clause: "payload/expires",
    needs: ["app"],
    premises: ["pushes of a healthy client are acknowledged"],
    run: (arena) =>
      Effect.gen(function* () {
        const { detectionMs } = arena.capabilities.times
        const id = `${arena.storeId}-badge`
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b", { payload: { token: "revocable", id } })]
        yield* arena.fill(a, 0, 2)
        yield* arena.fill(b, 2, 1)
        const live = yield* openLive(arena, b)
        yield* live.reaches(3)
        yield* arena.note("revoked:b")
        yield* Effect.catch(arena.backend.app.revoke(id), (error) => arena.premise(false, `the payload could not be revoked: ${error.message}`))
        yield* arena.fill(a, 3, 2)
        const pushed = yield* b.push(arena.chain(b, 5, 1))
        yield* arena.expect(pushed._tag !== "ok", "payload-bleed", "a push with a revoked payload was acknowledged", [pushed.op])
        const pulled = yield* b.pull()
        yield* arena.expect(
          pulled.settled._tag !== "ok" && !pulled.events.some(({ seqNum }) => seqNum > 3),
          "payload-bleed",
          `a pull with a revoked payload ended ${pulled.settled._tag} and was shown ${positions(pulled.events)}`,
          [pulled.settled.op],
        )
        if (arena.capabilities.errors === "full") {
          yield* arena.expectError(pushed, ["PayloadRejected"], "a push with a revoked payload", "payload-bleed")
          yield* arena.expectError(pulled.settled, ["PayloadRejected"], "a pull with a revoked payload", "payload-bleed")
        }
        const ended = yield* live.ends(detectionMs)
        yield* arena.expect(ended !== undefined, "payload-bleed", `a live pull stayed open for ${detectionMs} ms after its payload was revoked`, [live.op])
        const late = live.events().filter(({ seqNum }) => seqNum > 3)
        yield* arena.expect(late.length === 0, "payload-bleed", `a live pull delivered ${positions(late)}, pushed after its payload was revoked`, [live.op])
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "payload/own",
    clause: "payload/own",
    needs: ["app"],
    run: (arena) =>
      Effect.gen(function* () {
        const names = ["ada", "bob", "cy"]
        const clients = yield* Effect.forEach(names, (user) => arena.open(user, { payload: { user } }))
        for (const client of clients) yield* arena.requireOk(yield* client.connect, `connect of ${client.id}`)
        let head = 0
        for (let round = 0; round < 2; round++) {
          for (const client of clients) {
            const before = (yield* seen(arena)).length
            yield* arena.fill(client, head, 1)
            head++
            yield* arena.requireOk((yield* client.pull()).settled, `a pull of ${client.id}`)
            const calls = (yield* seen(arena)).slice(before)
            for (const call of calls) {
              yield* arena.expect(
                sameJson(call.payload, { user: client.id }),
                "payload-bleed",
                `the application's ${call.hook} hook saw ${JSON.stringify(call.payload)} during operations of ${client.id} alone`,
              )
            }
            yield* arena.expect(calls.some(({ hook }) => hook === "push"), "payload-bleed", `the push hook was not asked about ${client.id}`)
          }
        }
      }),
  },
  {
    ...base,
    id: "payload/any-json",
    clause: "payload/any-json",
    needs: ["app"],
    run: (arena) =>
      Effect.gen(function* () {
        const size = arena.capabilities.limits.payloadBytes
        const largest = { pad: "x".repeat(size - 20), end: "é" }
        const all: ReadonlyArray<Json> = [...payloads, largest]
        yield* Effect.forEach(
          all,
          (payload, index) =>
            Effect.gen(function* () {
              const storeId = arena.newStore(`payload${index}`)
              const client = yield* arena.open(`a${index}`, { storeId, payload })
              yield* arena.requireOk(yield* client.push(arena.chain(client, 0, 1)), `a push with the payload ${JSON.stringify(payload).slice(0, 80)}`)
              yield* arena.requireOk((yield* client.pull()).settled, `a pull with the payload ${JSON.stringify(payload).slice(0, 80)}`)
              yield* expectHooks(arena, yield* seen(arena, storeId), payload, `client a${index}'s payload`)
              yield* client.close
            }),
          { concurrency: 4, discard: true },
        )
      }),
  },
]
