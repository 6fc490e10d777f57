import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `meta/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const metaFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "a pull ends without NoMore, and a live pull says it only when a long poll ran out after 20 s",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-after-20-seconds.ts",
    shown: [
      {
        checks: ["meta/supports-honest"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie"],
      },
    ],
  },
  {
    reason: "a pull says NoMore and then gives the log, where the store was empty when it was first pulled",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-before-the-log.ts",
    shown: [
      {
        checks: ["meta/supports-honest#pages"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie"],
      },
    ],
  },
  {
    reason:
      "a live pull gives no history, and all live pulls of a store share one queue, so that each event reaches one of them",
    demonstration: "providers/livestore/demonstrations/mock-live-pull-has-no-history.ts",
    shown: [
      {
        checks: ["meta/supports-honest"],
        providers: ["livestore-mock"],
        anomalies: [
          "cursor-skip",
          "defect",
          "duplicate",
          "gap",
          "live-join",
          "non-monotonic",
          "page-info-lie",
          "reordered",
          "silent-live",
          "stale-read",
        ],
        rate: 1,
      },
    ],
  },
]
