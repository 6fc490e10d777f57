import { Effect } from "effect"
import type { Arena } from "../../harness/arena.ts"

/** Waits until the backend counts no more sockets and subscriptions than these: the news of an end travels. */
export const gaugesReach = (
  arena: Arena,
  atMost: { readonly sockets?: number | undefined; readonly subscriptions?: number | undefined },
) =>
  Effect.gen(function* () {
    const { sockets = Infinity, subscriptions = Infinity } = atMost
    let gauges = yield* arena.backend.gauges()
    const held = () => (gauges.sockets ?? 0) <= sockets && (gauges.subscriptions ?? 0) <= subscriptions
    for (let n = 0; n < 60 && !held(); n++) {
      yield* Effect.sleep(Math.max(10, arena.capabilities.times.detectionMs / 50))
      gauges = yield* arena.backend.gauges()
    }
    return { held: held(), sockets: gauges.sockets, subscriptions: gauges.subscriptions }
  })
