import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `push/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const push2Failures: ReadonlyArray<KnownFailure> = [
  {
    reason: "whatever has a number that is free is stored, on any parent and in any order",
    demonstration: "providers/livestore/demonstrations/electric-no-head-is-checked.ts",
    shown: [
      {
        checks: ["push/bad-number", "push/broken-chain", "push/oversize-event", "push/oversize-event#other-scripts"],
        providers: ["livestore-electric"],
        anomalies: [
          "corrupted",
          "cursor-skip",
          "defect",
          "double-winner",
          "duplicate",
          "gap",
          "live-join",
          "non-monotonic",
          "page-info-lie",
          "reordered",
          "silent-live",
          "stale-parent-accepted",
          "stale-read",
          "stuck",
          "wrong-refusal",
        ],
        rate: 1,
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
        anomalies: [
          "cursor-skip",
          "duplicate",
          "gap",
          "live-join",
          "non-monotonic",
          "page-info-lie",
          "reordered",
          "silent-live",
          "stale-read",
          "stuck",
        ],
        rate: 1,
      },
    ],
  },
  {
    reason: "a shape that Electric no longer has kills the pull",
    demonstration: "providers/livestore/demonstrations/electric-lost-shape-kills-pulls.ts",
    shown: [
      {
        checks: [
          "push/definite-when-healthy#after-refusals",
          "push/future-parent",
          "push/no-false-ahead",
          "push/no-false-ahead#beside-pulls",
          "push/sparse",
          "push/stale-parent",
        ],
        providers: ["livestore-electric"],
        anomalies: [
          "corrupted",
          "cursor-skip",
          "defect",
          "double-winner",
          "duplicate",
          "gap",
          "live-join",
          "non-monotonic",
          "page-info-lie",
          "reordered",
          "silent-live",
          "stale-parent-accepted",
          "stale-read",
          "stuck",
          "wrong-refusal",
        ],
        rate: 1,
      },
    ],
  },
  {
    reason: "a pull says NoMore and then gives the log, where the store was empty when it was first pulled",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-before-the-log.ts",
    shown: [
      {
        checks: ["push/durable", "push/interrupted", "push/over-limit#against-others"],
        providers: ["livestore-electric"],
        anomalies: ["non-monotonic", "page-info-lie", "silent-live", "stale-read", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a request whose answer does not come is waited for without end",
    demonstration: "providers/livestore/demonstrations/electric-requests-wait-without-end.ts",
    shown: [
      {
        checks: [
          "push/interrupted#dead-link",
          "push/interrupted#dead-link-at-once",
          "push/interrupted#dead-link-large",
          "push/interrupted#late-answer",
          "push/interrupted#own-echo",
          "push/lost-ack",
          "push/lost-ack#competitor",
          "push/lost-ack#reset",
          "push/settles-under-fault",
          "push/settles-under-fault#frozen",
          "push/settles-under-fault#half-open",
          "push/settles-under-fault#storage",
        ],
        providers: ["livestore-electric"],
        anomalies: ["non-monotonic", "page-info-lie", "silent-live", "stale-read", "stuck", "wrong-refusal"],
        rate: 1,
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
        anomalies: [
          "cursor-skip",
          "duplicate",
          "gap",
          "live-join",
          "non-monotonic",
          "page-info-lie",
          "reordered",
          "silent-live",
          "stale-read",
          "stuck",
        ],
        rate: 1,
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
