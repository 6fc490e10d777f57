import { Effect } from "effect"
import type { Json } from "../contract/json.ts"
import type { Check } from "../harness/check.ts"
import { expectFailed, requireSettled } from "./support/expect-failed.ts"
import { expectHooks, hooksDuring } from "./support/hooks.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: ["app"],
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** Checks of payloads that have something in common: the token, or the name of the client that hands them over. */
export const payloadNamesChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "payload/own#one-revoked",
    clause: "payload/own",
    run: (arena) =>
      Effect.gen(function* () {
        // Two payloads with one token and different ids: the revocation of one is no business of the other.
        const badge = (id: string): Json => ({ token: "revocable", id: `${arena.storeId}-${id}` })
        const [lost, kept] = [
          yield* arena.open("lost", { payload: badge("lost") }),
          yield* arena.open("kept", { payload: badge("kept") }),
        ]
        yield* arena.fill(lost, 0, 1)
        yield* arena.fill(kept, 1, 1)
        yield* Effect.catch(arena.backend.app.revoke(`${arena.storeId}-lost`), (error) =>
          arena.premise(false, `the payload could not be revoked: ${error.message}`),
        )
        yield* arena.revoked("lost")
        const refused = yield* lost.push(arena.chain(lost, 2, 1))
        yield* expectFailed(arena, refused, "a push with a revoked payload", "payload-bleed")
        yield* arena.requireOk(
          yield* kept.push(arena.chain(kept, 2, 1)),
          "a push beside a client whose payload was revoked",
        )
        yield* arena.requireOk((yield* kept.pull()).settled, "a pull beside a client whose payload was revoked")
        const later = yield* arena.open("later", { payload: badge("kept") })
        yield* arena.requireOk(yield* later.connect, "a connect with the payload that was not revoked")
      }),
  },
  {
    ...base,
    id: "payload/absent#namesake",
    clause: "payload/absent",
    run: (arena) =>
      Effect.gen(function* () {
        // A client of the same name has a payload, in another store and in this one before.
        const payload = { user: "namesake" }
        const elsewhere = yield* arena.open("a", { storeId: arena.newStore("elsewhere"), payload })
        yield* arena.fill(elsewhere, 0, 1)
        const before = yield* arena.open("b", { payload })
        yield* arena.fill(before, 0, 1)
        yield* before.close
        for (const [n, name] of ["a", "b"].entries()) {
          const client = yield* arena.open(name)
          const calls = yield* hooksDuring(arena, arena.fill(client, 1 + n, 1), { hooks: ["push"] })
          yield* expectHooks(arena, calls, ["push"], undefined, `client ${name}'s push without a payload`)
        }
      }),
  },
  {
    ...base,
    id: "payload/rejected#known-name",
    waits: true,
    clause: "payload/rejected",
    needs: [],
    run: (arena) =>
      Effect.gen(function* () {
        // A client that was let in before hands over another payload now, which the application rejects.
        const welcome = yield* arena.open("a", { payload: { user: "ada" } })
        yield* arena.fill(welcome, 0, 2)
        yield* arena.requireOk((yield* welcome.pull()).settled, "a pull with a payload that is accepted")
        yield* welcome.close
        const again = yield* arena.open("a", { payload: { token: "reject" }, rejected: true })
        const pulled = yield* again.pull()
        yield* requireSettled(arena, pulled.settled, "a pull with a rejected payload of a client let in before")
        const tried = [
          ["a pull", pulled.settled],
          ["a push", yield* again.push(arena.chain(again, 2, 1))],
        ] as const
        for (const [what, settled] of tried) {
          yield* expectFailed(
            arena,
            settled,
            `${what} with a rejected payload of a client let in before`,
            "payload-bleed",
          )
        }
        yield* arena.expect(
          pulled.events.length === 0,
          "payload-bleed",
          `a client let in before was shown ${pulled.events.length} events with a rejected payload`,
          [pulled.settled.op],
        )
      }),
  },
]
