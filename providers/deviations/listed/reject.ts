import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `reject/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const rejectFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "a pull says NoMore and then gives the log, where the store was empty when it was first pulled",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-before-the-log.ts",
    shown: [
      {
        checks: ["reject/async"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "stale-read"],
      },
      {
        checks: ["reject/async#throws", "reject/nothing-stored"],
        providers: ["livestore-electric"],
        anomalies: ["non-monotonic", "page-info-lie", "stale-read"],
      },
    ],
  },
]
