import { Effect } from "effect"
import { draw } from "../chaos/draw.ts"
import type { EventEncoded } from "../contract/event.ts"
import type { Arena, ArenaClient, CheckStop } from "./arena.ts"
import { makeArenaBackend } from "./arena-backend.ts"
import { unjudged, type ArenaContext } from "./arena-context.ts"
import { makeChain } from "./chain.ts"
import { makeExpectations } from "./expectations.ts"
import { openClient } from "./open-client.ts"

/** The log of a store as a fresh client pulls it, and as it stands in storage; both are recorded as truth. */
const readTruth = Effect.fnUntraced(function* (
  context: ArenaContext,
  open: (clientId: string, storeId: string) => Effect.Effect<ArenaClient, CheckStop>,
  storeId: string,
  nth: number,
): Effect.fn.Return<ReadonlyArray<EventEncoded>, CheckStop> {
  const { recorder, host } = context
  const client = yield* open(`truth-${nth}`, storeId)
  const pulled = yield* client.pull()
  if (pulled.settled._tag === "ok") recorder.truth(storeId, "pull", pulled.events)
  else if (pulled.settled._tag !== "stuck" && pulled.settled._tag !== "defect") {
    const how = "error" in pulled.settled ? pulled.settled.error._tag : pulled.settled._tag
    recorder.finding({
      anomaly: "wrong-refusal",
      sentence: `a fresh client's full pull, with every fault healed, ended with ${how}; therefore the log cannot be read`,
      records: [pulled.settled.op],
    })
  }
  yield* client.close
  if (host.inspect !== undefined) {
    const log = yield* makeArenaBackend(context, storeId).inspect(storeId)
    recorder.truth(storeId, "inspect", log)
  }
  return pulled.events
})

/** Makes the arena of one check over a running host. */
export const makeArena = (context: ArenaContext): Arena => {
  const { recorder, provider, prefix } = context
  const startMs = context.timers.nowMs()
  const storeId = `${prefix}-main`
  const chain = makeChain()
  const expectations = makeExpectations(context)
  let truths = 0
  let stores = 0

  const open: Arena["open"] = (clientId, options = {}) =>
    Effect.acquireRelease(
      openClient(context, startMs, clientId, { ...options, storeId: options.storeId ?? storeId }),
      (client) => client.close,
    )

  return {
    provider: provider.key,
    capabilities: provider.capabilities,
    world: provider.world,
    seed: context.seed,
    draw: (key, below) => draw(context.seed, key, below),
    storeId,
    newStore: (word) => `${prefix}-${++stores}-${word}`,
    open,
    backend: makeArenaBackend(context, storeId),
    chain,
    fill: (client, parent, count, options) =>
      Effect.gen(function* () {
        const events = chain(client, parent, count, options)
        for (let from = 0; from < count; from += 100) {
          const settled = yield* client.push(events.slice(from, from + 100))
          yield* expectations.requireOk(settled, `the push of events ${from + 1} to ${Math.min(count, from + 100)}`)
        }
        return events
      }),
    together: (effects) =>
      Effect.all(
        effects.map((effect) => Effect.andThen(Effect.yieldNow, effect)),
        { concurrency: "unbounded" },
      ),
    eventually: context.waiting.until,
    truth: (store = storeId) =>
      readTruth(
        context,
        (clientId, truthStore) => openClient(context, startMs, clientId, { storeId: truthStore, memory: "fresh" }),
        store,
        ++truths,
      ),
    replica: (held, store = storeId) => Effect.sync(() => void recorder.replica({ ...held, store })),
    ...expectations,
    premise: (condition, reason) => (condition ? Effect.void : unjudged(context, reason)),
    revoked: (clientId) => Effect.sync(() => void recorder.revoked(clientId)),
    foreignCursor: (clientId) => Effect.sync(() => void recorder.foreignCursor(clientId)),
    note: (text) => Effect.sync(() => void recorder.note(text)),
  }
}
