import { Effect, type Scope } from "effect"
import { HostError } from "../../../contract/errors.ts"
import type { ElectricPair } from "../pair.ts"
import { pairVersion } from "../version.ts"
import { checkDatabase } from "./check-database.ts"
import { checkElectric, deletesShapes } from "./check-electric.ts"
import { leaseDatabase } from "./lease.ts"
import type { RunningPair } from "./variables.ts"

/** What keeps a run from this pair, in one line; undefined when nothing does. */
export const checkPair = async ({ electricUrl, databaseUrl, secret }: RunningPair): Promise<string | undefined> =>
  (await checkDatabase(databaseUrl)) ?? checkElectric(electricUrl, secret)

/** A pair that somebody else runs. Its database is left as it was. */
export const startUrlPair = Effect.fnUntraced(function* (
  running: RunningPair,
): Effect.fn.Return<ElectricPair, HostError, Scope.Scope> {
  const { electricUrl, databaseUrl, secret } = running
  const wrong = yield* Effect.promise(() => checkPair(running))
  if (wrong !== undefined) return yield* new HostError({ message: wrong })
  yield* leaseDatabase(databaseUrl)
  const version = yield* Effect.promise(() => pairVersion(running))
  return {
    version,
    databaseUrl: () => databaseUrl,
    electric: () => ({ url: electricUrl, ...(secret === undefined ? {} : { secret }) }),
    logTail: () => [],
    deletesShapes: yield* Effect.promise(() => deletesShapes(electricUrl, secret)),
  }
})
