import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `pull/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const pull2Failures: ReadonlyArray<KnownFailure> = [
  {
    reason: "a cursor is a number to compare with and nothing else",
    demonstration: "providers/livestore/demonstrations/mock-takes-any-batch.ts",
    shown: [
      {
        checks: ["pull/beyond-head"],
        providers: ["livestore-mock"],
        anomalies: ["page-info-lie", "silent-live", "stale-read"],
      },
      {
        checks: ["pull/beyond-head#empty"],
        providers: ["livestore-mock"],
        anomalies: ["stale-read"],
      },
    ],
  },
]
