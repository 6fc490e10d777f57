import type { Effect } from "effect"
import type { AnomalyName } from "../../contract/anomaly.ts"
import type { Arena, CheckStop, Settled } from "../../harness/arena.ts"

/** Requires failure of whatever kind: for operations of which a clause says only that they store or show nothing. */
export const expectFailed = (
  arena: Arena,
  settled: Settled,
  what: string,
  whenAccepted: AnomalyName,
): Effect.Effect<void> =>
  arena.expect(settled._tag !== "ok", whenAccepted, `${what} succeeded; it had to fail`, [settled.op])

/** Ends the check when an operation did not settle: the ones after it would wait for their deadlines as well. */
export const requireSettled = (arena: Arena, settled: Settled, what: string): Effect.Effect<void, CheckStop> =>
  arena.require(settled._tag !== "stuck", "stuck", `${what} did not settle within its deadline`, [settled.op])
