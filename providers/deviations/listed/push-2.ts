import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `push/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const push2Failures: ReadonlyArray<KnownFailure> = [
  {
    reason: "a pull ends without NoMore, and a live pull says it only when a long poll ran out after 20 s",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-after-20-seconds.ts",
    shown: [
      {
        checks: [
          "push/atomic",
          "push/batch#bytes",
          "push/interrupted#dead-link-large",
          "push/lost-ack#competitor",
          "push/one",
          "push/sequential",
          "push/sequential#same-content",
        ],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie"],
      },
      {
        checks: [
          "push/empty",
          "push/interrupted#dead-link",
          "push/interrupted#dead-link-at-once",
          "push/interrupted#own-echo",
          "push/lost-ack#reset",
        ],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "silent-live", "stuck"],
      },
    ],
  },
  {
    reason: "whatever has a number that is free is stored, on any parent and in any order",
    demonstration: "providers/livestore/demonstrations/electric-no-head-is-checked.ts",
    shown: [
      {
        checks: ["push/bad-number"],
        providers: ["livestore-electric"],
        anomalies: ["corrupted", "defect", "double-winner", "duplicate", "page-info-lie", "reordered"],
      },
      {
        checks: ["push/broken-chain"],
        providers: ["livestore-electric"],
        anomalies: ["corrupted", "duplicate", "page-info-lie", "reordered", "stale-parent-accepted", "wrong-refusal"],
      },
      {
        checks: ["push/definite-when-healthy#after-refusals", "push/no-false-ahead"],
        providers: ["livestore-electric"],
        anomalies: ["duplicate", "gap", "page-info-lie", "reordered", "stale-parent-accepted", "wrong-refusal"],
      },
      {
        checks: ["push/future-parent"],
        providers: ["livestore-electric"],
        anomalies: ["gap", "page-info-lie", "stale-parent-accepted", "wrong-refusal"],
      },
      {
        checks: ["push/no-false-ahead#beside-pulls"],
        providers: ["livestore-electric"],
        anomalies: [
          "duplicate",
          "gap",
          "live-join",
          "non-monotonic",
          "page-info-lie",
          "reordered",
          "stale-parent-accepted",
          "stale-read",
        ],
      },
      {
        checks: ["push/oversize-event", "push/oversize-event#other-scripts"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "wrong-refusal"],
      },
      {
        checks: ["push/sparse"],
        providers: ["livestore-electric"],
        anomalies: [
          "duplicate",
          "gap",
          "page-info-lie",
          "reordered",
          "stale-parent-accepted",
          "stale-read",
          "wrong-refusal",
        ],
      },
      {
        checks: ["push/stale-parent"],
        providers: ["livestore-electric"],
        anomalies: ["double-winner", "gap", "page-info-lie", "stale-parent-accepted", "wrong-refusal"],
      },
    ],
  },
  {
    reason: "a snapshot's events come in the order in which they lie in Postgres",
    demonstration: "providers/livestore/demonstrations/electric-snapshot-has-no-order.ts",
    shown: [
      {
        checks: ["push/batch#edges", "push/over-limit"],
        providers: ["livestore-electric"],
        anomalies: ["duplicate", "page-info-lie", "reordered"],
      },
    ],
  },
  {
    reason: "a pull says NoMore and then gives the log, where the store was empty when it was first pulled",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-before-the-log.ts",
    shown: [
      {
        checks: ["push/durable", "push/over-limit#against-others"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "stale-read"],
      },
      {
        checks: ["push/interrupted"],
        providers: ["livestore-electric"],
        anomalies: ["non-monotonic", "page-info-lie", "stale-read"],
      },
    ],
  },
  {
    reason: "a request whose answer does not come is waited for without end",
    demonstration: "providers/livestore/demonstrations/electric-requests-wait-without-end.ts",
    shown: [
      {
        checks: ["push/settles-under-fault#frozen", "push/settles-under-fault#half-open"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "stuck"],
      },
    ],
  },
  {
    reason: "a cursor carries the offset at its page's end, and one without metadata gives the whole log",
    demonstration: "providers/livestore/demonstrations/electric-cursor-stands-at-its-pages-end.ts",
    shown: [
      {
        checks: ["push/sparse#pages"],
        providers: ["livestore-electric"],
        anomalies: ["duplicate", "page-info-lie", "reordered"],
      },
    ],
  },
  {
    reason:
      "a live pull gives no history, and all live pulls of a store share one queue, so that each event reaches one of them",
    demonstration: "providers/livestore/demonstrations/mock-live-pull-has-no-history.ts",
    shown: [
      {
        checks: [
          "push/ahead-then-pull",
          "push/atomic#conflict",
          "push/definite-when-healthy",
          "push/interrupted",
          "push/retry",
        ],
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
  {
    reason:
      "only the first number of a batch is looked at: whatever stands above the head is stored, on any parent and in any order",
    demonstration: "providers/livestore/demonstrations/mock-takes-any-batch.ts",
    shown: [
      {
        checks: ["push/bad-number"],
        providers: ["livestore-mock"],
        anomalies: [
          "corrupted",
          "defect",
          "double-winner",
          "duplicate",
          "fork",
          "lost-ack",
          "reordered",
          "torn-batch",
          "untrue-head",
          "wrong-refusal",
        ],
      },
      {
        checks: ["push/broken-chain"],
        providers: ["livestore-mock"],
        anomalies: ["corrupted", "duplicate", "reordered", "stale-parent-accepted", "wrong-refusal"],
      },
      {
        checks: ["push/definite-when-healthy#after-refusals", "push/future-parent", "push/no-false-ahead"],
        providers: ["livestore-mock"],
        anomalies: ["gap", "stale-parent-accepted", "wrong-refusal"],
      },
      {
        checks: ["push/no-false-ahead#beside-pulls"],
        providers: ["livestore-mock"],
        anomalies: ["gap", "live-join", "page-info-lie", "stale-parent-accepted", "wrong-refusal"],
      },
      {
        checks: ["push/sparse"],
        providers: ["livestore-mock"],
        anomalies: ["defect", "page-info-lie"],
      },
      {
        checks: ["push/stale-parent"],
        providers: ["livestore-mock"],
        anomalies: ["double-winner", "gap", "stale-parent-accepted", "wrong-refusal"],
      },
    ],
  },
  {
    reason: "an empty batch kills the push",
    demonstration: "providers/livestore/demonstrations/mock-takes-any-batch.ts",
    shown: [
      {
        checks: ["push/empty"],
        providers: ["livestore-mock"],
        anomalies: ["defect"],
      },
    ],
  },
  {
    reason: "it has no limits: an event of any size is stored, and a page has any length",
    demonstration: "providers/livestore/demonstrations/mock-takes-any-batch.ts",
    shown: [
      {
        checks: ["push/over-limit#against-others"],
        providers: ["livestore-mock"],
        anomalies: ["page-info-lie"],
      },
      {
        checks: ["push/oversize-event", "push/oversize-event#other-scripts"],
        providers: ["livestore-mock"],
        anomalies: ["wrong-refusal"],
      },
    ],
  },
]
