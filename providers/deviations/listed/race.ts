import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `race/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const raceFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "pulls at once lose events, fail, or never end",
    demonstration: "providers/livestore/demonstrations/rpc-long-log-loses-pages.ts",
    shown: [
      {
        checks: ["race/concurrent-pulls"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["defect", "gap"],
        rate: 1,
      },
      {
        checks: ["race/concurrent-pulls"],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["cursor-skip", "defect", "duplicate", "gap", "page-info-lie", "reordered", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "the loser of a race with a slow hook meets the table's own error",
    demonstration: "providers/livestore/demonstrations/slow-hook-hides-server-ahead.ts",
    shown: [
      {
        checks: ["race/slow-hook"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["wrong-refusal"],
        rate: 1,
      },
      {
        checks: ["race/slow-hook"],
        providers: ["livestore-cf-do-rpc-do", "livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["stuck", "wrong-refusal"],
        rate: 1,
      },
    ],
  },
  {
    reason: "of pushes that overlap the loser meets the table's own error in place of ServerAhead",
    demonstration: "providers/livestore/demonstrations/http-race-meets-the-table.ts",
    shown: [
      {
        checks: ["race/cold"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["wrong-refusal"],
        rate: 0.8,
      },
      {
        checks: ["race/cold#evicted"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["wrong-refusal"],
        rate: 0.6,
      },
      {
        checks: ["race/rebase-all-land", "race/same-parent", "race/slow-hook"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["wrong-refusal"],
        rate: 1,
      },
    ],
  },
  {
    reason: "an object with a live pull never hibernates",
    demonstration: "providers/livestore/demonstrations/object-never-hibernates.ts",
    shown: [
      {
        checks: ["race/cold#evicted"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["restless"],
        rate: 1,
      },
    ],
  },
  {
    reason: "pulls beside pushes give events twice and out of order",
    demonstration: "providers/livestore/demonstrations/live-join-delivers-out-of-order.ts",
    shown: [
      {
        checks: ["race/pull-during-push"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered", "stuck"],
        rate: 1,
      },
      {
        checks: ["race/rebase-all-land"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 1,
      },
    ],
  },
  {
    reason: "every failure is an unknown error, after which LiveStore's leader neither rebases nor tries again",
    demonstration: "providers/livestore/demonstrations/electric-failures-have-no-name.ts",
    shown: [
      {
        checks: [
          "race/cold",
          "race/cold#evicted",
          "race/rebase-all-land",
          "race/same-parent",
          "race/same-parent#slow-storage",
          "race/slow-hook",
        ],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "wrong-refusal"],
      },
    ],
  },
  {
    reason: "a cursor carries the offset at its page's end, and one without metadata gives the whole log",
    demonstration: "providers/livestore/demonstrations/electric-cursor-stands-at-its-pages-end.ts",
    shown: [
      {
        checks: ["race/concurrent-pulls"],
        providers: ["livestore-electric"],
        anomalies: ["cursor-skip", "non-monotonic", "page-info-lie", "silent-live", "stuck"],
      },
    ],
  },
  {
    reason: "a pull says NoMore and then gives the log, where the store was empty when it was first pulled",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-before-the-log.ts",
    shown: [
      {
        checks: ["race/pull-during-push"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie"],
      },
    ],
  },
  {
    reason: "a live pull gives no history, and all live pulls share one queue",
    demonstration: "providers/livestore/demonstrations/mock-live-pull-has-no-history.ts",
    shown: [
      {
        checks: ["race/concurrent-pulls"],
        providers: ["livestore-mock"],
        anomalies: ["cursor-skip", "gap", "live-join", "non-monotonic", "page-info-lie", "silent-live", "stale-read"],
        rate: 1,
      },
    ],
  },
]
