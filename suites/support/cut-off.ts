import { Effect } from "effect"
import type { ArenaClient, CheckStop, StandingFault } from "../../harness/arena.ts"

/** Resets the client's connection and refuses every other, until what it gives is healed. */
export const cutOff = ({ link }: Pick<ArenaClient, "link">): Effect.Effect<StandingFault, CheckStop> =>
  Effect.gen(function* () {
    const refuse = yield* link.fault({ kind: "refuse" })
    yield* link.fault({ kind: "reset" })
    return refuse
  })
