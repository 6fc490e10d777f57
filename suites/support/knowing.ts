import { Effect, type Option, type Scope } from "effect"
import type { Cursor } from "../../contract/event.ts"
import { requireSettled } from "./expect-failed.ts"
import type { Arena, ArenaClient, CheckStop, OpenOptions, Settled } from "../../harness/arena.ts"

/** A client that knows the life of its store, and its cursor at the head. */
export interface Knowing {
  readonly client: ArenaClient
  readonly cursor: Option.Option<Cursor>
}

/** Opens a client that pushes `count` events on `parent` and pulls: it knows the store's life by both. */
export const knowing = (
  arena: Arena,
  clientId: string,
  parent: number,
  options: OpenOptions = {},
  count: number = 3,
): Effect.Effect<Knowing, CheckStop, Scope.Scope> =>
  Effect.gen(function* () {
    const client = yield* arena.open(clientId, options)
    yield* arena.fill(client, parent, count)
    const pulled = yield* client.pull()
    yield* arena.requireOk(pulled.settled, `a pull of client ${clientId}`)
    return { client, cursor: pulled.cursor }
  })

/** How a pull of this client ends. */
export const pullOf = (client: ArenaClient, cursor?: Option.Option<Cursor>): Effect.Effect<Settled> =>
  Effect.map(client.pull(cursor), ({ settled }) => settled)

/**
 * Requires `BackendIdMismatch`. What succeeds has adopted the new life, what fails otherwise has missed it; an
 * operation that did not settle ends the check, since those after it would not either.
 */
export const expectMismatch = (
  arena: Arena,
  settled: Settled | undefined,
  what: string,
  op: number,
): Effect.Effect<void, CheckStop> =>
  Effect.gen(function* () {
    const stayed = `${what} stayed open in the backend's new life; it had to fail`
    if (settled === undefined) return yield* arena.violation("identity-missed", stayed, [op])
    yield* requireSettled(arena, settled, what)
    if (settled._tag === "ok") {
      return yield* arena.violation("identity-adopted", `${what} succeeded in the backend's new life`, [op])
    }
    if (!("error" in settled) || settled.error._tag === "BackendIdMismatch") return
    const sentence = `${what} ended with ${settled.error._tag} in the backend's new life; it had to fail with BackendIdMismatch`
    yield* arena.violation("identity-missed", sentence, [op])
  })
