import { Effect, type Option, type Scope } from "effect"
import type { Cursor } from "../../contract/event.ts"
import type { Arena, ArenaClient, CheckStop, OpenOptions, Settled } from "../../harness/arena.ts"
import { isOffline } from "./again.ts"
import { requireSettled } from "./expect-failed.ts"

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
 * operation that did not settle, or is still offline, ends the check: those after it would wait as long.
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
    if (isOffline(settled)) return yield* arena.require(false, "identity-missed", sentence, [op])
    yield* arena.violation("identity-missed", sentence, [op])
  })
