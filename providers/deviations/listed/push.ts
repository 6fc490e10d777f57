import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `push/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const pushFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "the backend keeps one registration for a store, the last: live pulls before it hear nothing",
    demonstration: "providers/livestore/demonstrations/rpc-second-live-pull-silences-the-first.ts",
    shown: [
      {
        checks: ["push/ahead-then-pull"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["silent-live"],
        rate: 1,
      },
      {
        checks: ["push/definite-when-healthy"],
        providers: ["livestore-cf-do-rpc-d1", "livestore-cf-do-rpc-do"],
        anomalies: ["defect", "diverged", "duplicate", "gap", "live-join", "silent-live", "stuck"],
        rate: 0.5,
      },
      {
        checks: ["push/ahead-then-pull"],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["defect", "diverged", "duplicate", "gap", "live-join", "silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a batch is written in statements of 14 events without a transaction",
    demonstration: "providers/livestore/demonstrations/d1-batch-is-stored-in-part.ts",
    shown: [
      {
        checks: ["push/atomic"],
        providers: ["livestore-cf-do-rpc-d1", "livestore-cf-http-d1", "livestore-cf-ws-d1"],
        anomalies: ["defect", "untrue-head", "wrong-refusal"],
      },
    ],
  },
  {
    reason: "only the first parent of a batch is looked at, so that broken chains are stored",
    demonstration: "providers/livestore/demonstrations/broken-chains-are-stored.ts",
    shown: [
      {
        checks: ["push/bad-number"],
        providers: ["livestore-cf-do-rpc-d1", "livestore-cf-do-rpc-do", "livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["corrupted", "duplicate", "untrue-head", "wrong-refusal"],
      },
      {
        checks: ["push/broken-chain"],
        providers: [
          "livestore-cf-do-rpc-d1",
          "livestore-cf-do-rpc-do",
          "livestore-cf-http-d1",
          "livestore-cf-http-do",
          "livestore-cf-ws-d1",
          "livestore-cf-ws-do",
        ],
        anomalies: ["corrupted", "wrong-refusal"],
      },
      {
        checks: ["push/no-false-ahead"],
        providers: ["livestore-cf-do-rpc-d1", "livestore-cf-do-rpc-do", "livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["gap", "reordered", "wrong-refusal"],
      },
    ],
  },
  {
    reason: "what is pushed while a live pull goes over from history to live is lost",
    demonstration: "providers/livestore/demonstrations/rpc-live-join-loses-events.ts",
    shown: [
      {
        checks: ["push/no-false-ahead#beside-pulls"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["live-join", "silent-live"],
        rate: 1,
      },
      {
        checks: ["push/retry"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["live-join", "page-info-lie"],
        rate: 1,
      },
      {
        checks: ["push/no-false-ahead#beside-pulls", "push/retry"],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["defect", "diverged", "duplicate", "gap", "live-join", "silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a batch over the limit is sent and stored in parts of 100",
    demonstration: "providers/livestore/demonstrations/large-batch-is-not-atomic.ts",
    shown: [
      {
        checks: ["push/over-limit#against-others"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["page-info-lie"],
        rate: 1,
      },
      {
        checks: ["push/over-limit#against-others"],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["live-join", "page-info-lie", "silent-live", "untrue-head"],
        rate: 1,
      },
      {
        checks: ["push/atomic#conflict"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["page-info-lie", "untrue-head"],
        rate: 1,
      },
      {
        checks: ["push/atomic#conflict"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["live-join", "page-info-lie", "silent-live", "untrue-head", "wrong-refusal"],
        rate: 1,
      },
      {
        checks: ["push/over-limit#against-others"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["live-join", "page-info-lie", "silent-live", "untrue-head"],
        rate: 0.2,
      },
      {
        checks: ["push/over-limit#against-others"],
        providers: ["livestore-cf-ws-d1"],
        anomalies: ["page-info-lie", "untrue-head"],
      },
      {
        checks: ["push/over-limit#against-others"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["page-info-lie", "refused-but-stored", "stale-parent-accepted", "torn-batch", "untrue-head"],
      },
    ],
  },
  {
    reason: "a storage that is out ends operations with an unknown error, after which LiveStore's leader stops",
    demonstration: "providers/livestore/demonstrations/failed-statement-wedges-the-store.ts",
    shown: [
      {
        checks: ["push/settles-under-fault#storage"],
        providers: ["livestore-cf-do-rpc-d1", "livestore-cf-do-rpc-do", "livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["wrong-refusal"],
      },
    ],
  },
  {
    reason: "after a statement that failed the head in memory and the log disagree",
    demonstration: "providers/livestore/demonstrations/failed-statement-wedges-the-store.ts",
    shown: [
      {
        checks: ["push/atomic"],
        providers: ["livestore-cf-do-rpc-do", "livestore-cf-http-do", "livestore-cf-ws-do"],
        anomalies: ["defect", "untrue-head", "wrong-refusal"],
      },
    ],
  },
  {
    reason: "a request whose answer does not come is waited for without end",
    demonstration: "providers/livestore/demonstrations/http-requests-wait-without-end.ts",
    shown: [
      {
        checks: ["push/ahead-then-pull#lost-echo", "push/ahead-then-pull#lost-news"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["silent-live"],
        rate: 1,
      },
      {
        checks: ["push/settles-under-fault#frozen", "push/settles-under-fault#half-open"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["stuck"],
        rate: 1,
      },
      {
        checks: [
          "push/ahead-then-pull#lost-echo",
          "push/ahead-then-pull#lost-news",
          "push/settles-under-fault#frozen",
          "push/settles-under-fault#half-open",
        ],
        providers: ["livestore-cf-http-do"],
        anomalies: ["silent-live", "stuck", "wrong-refusal"],
        rate: 1,
      },
    ],
  },
  {
    reason: "of pushes that overlap the loser meets the table's own error in place of ServerAhead",
    demonstration: "providers/livestore/demonstrations/http-race-meets-the-table.ts",
    shown: [
      {
        checks: ["push/definite-when-healthy"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["status-lie", "wrong-refusal"],
        rate: 1,
      },
      {
        checks: ["push/interrupted"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["wrong-refusal"],
        rate: 0.5,
      },
      {
        checks: ["push/definite-when-healthy"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["wrong-refusal"],
        rate: 1,
      },
    ],
  },
  {
    reason: "every failure of a request is an unknown error, after which LiveStore's leader stops",
    demonstration: "providers/livestore/demonstrations/http-errors-are-never-offline.ts",
    shown: [
      {
        checks: ["push/no-false-ahead#beside-pulls"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["wrong-refusal"],
        rate: 0.2,
      },
      {
        checks: ["push/settles-under-fault"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["wrong-refusal"],
        rate: 1,
      },
      {
        checks: ["push/settles-under-fault"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["diverged", "stuck", "wrong-refusal"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a live pull that missed its news is not told by the refusal",
    demonstration: "providers/livestore/demonstrations/lost-frames-are-waited-for.ts",
    shown: [
      {
        checks: ["push/ahead-then-pull#lost-echo", "push/ahead-then-pull#lost-news"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "event 0 is stored",
    demonstration: "providers/livestore/demonstrations/broken-chains-are-stored.ts",
    shown: [
      {
        checks: ["push/bad-number"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["corrupted", "duplicate", "untrue-head", "wrong-refusal"],
      },
    ],
  },
  {
    reason: "a push whose answer is lost waits for ever",
    demonstration: "providers/livestore/demonstrations/lost-frames-are-waited-for.ts",
    shown: [
      {
        checks: ["push/lost-ack"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a broken chain is stored, and what stands on the head before it is refused",
    demonstration: "providers/livestore/demonstrations/broken-chains-are-stored.ts",
    shown: [
      {
        checks: ["push/no-false-ahead"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["gap", "reordered", "wrong-refusal"],
        rate: 1,
      },
    ],
  },
  {
    reason: "pulls beside pushes give events twice and out of order",
    demonstration: "providers/livestore/demonstrations/live-join-delivers-out-of-order.ts",
    shown: [
      {
        checks: ["push/no-false-ahead#beside-pulls"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 1,
      },
    ],
  },
  {
    reason: "what is in flight when the connection is made again is never answered",
    demonstration: "providers/livestore/demonstrations/interruption-waits-for-the-link.ts",
    shown: [
      {
        checks: ["push/interrupted"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["stuck"],
        rate: 0.2,
      },
    ],
  },
  {
    reason: "every failure is an unknown error, after which LiveStore's leader neither rebases nor tries again",
    demonstration: "providers/livestore/demonstrations/electric-failures-have-no-name.ts",
    shown: [
      {
        checks: [
          "push/ahead-then-pull",
          "push/ahead-then-pull#lost-echo",
          "push/ahead-then-pull#lost-news",
          "push/lost-ack",
          "push/settles-under-fault",
          "push/settles-under-fault#storage",
        ],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "stuck", "wrong-refusal"],
      },
      {
        checks: ["push/atomic#conflict", "push/definite-when-healthy"],
        providers: ["livestore-electric"],
        anomalies: ["non-monotonic", "page-info-lie", "stale-read", "wrong-refusal"],
      },
      {
        checks: [
          "push/interrupted#late-answer",
          "push/retry",
          "push/retry#altered",
          "push/retry#at-once",
          "push/stale-parent#after-pulls",
          "push/stale-parent#overlap",
        ],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "wrong-refusal"],
      },
    ],
  },
]
