import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `converge/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const convergeFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "the backend keeps one registration for a store, the last: live pulls before it hear nothing",
    demonstration: "providers/livestore/demonstrations/rpc-second-live-pull-silences-the-first.ts",
    shown: [
      {
        checks: ["converge/apply-failure"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["diverged"],
        rate: 1,
      },
      {
        checks: ["converge/client-crash", "converge/offline", "converge/sessions", "converge/writers"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["diverged", "live-join", "silent-live"],
        rate: 1,
      },
      {
        checks: ["converge/quiet"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["diverged", "silent-live"],
        rate: 1,
      },
      {
        checks: [
          "converge/apply-failure",
          "converge/client-crash",
          "converge/offline",
          "converge/quiet",
          "converge/sessions",
          "converge/writers",
        ],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["defect", "diverged", "duplicate", "gap", "live-join", "silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "registrations of live pulls lie in the object's memory and are gone with it, which nobody is told",
    demonstration: "providers/livestore/demonstrations/rpc-eviction-silences-live-pulls.ts",
    shown: [
      {
        checks: ["converge/under-faults#wiped"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["diverged", "silent-live"],
        rate: 1,
      },
      {
        checks: ["converge/under-faults#wiped"],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["defect", "diverged", "identity-missed", "live-join", "silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "every failure of a request is an unknown error, after which LiveStore's leader stops",
    demonstration: "providers/livestore/demonstrations/http-errors-are-never-offline.ts",
    shown: [
      {
        checks: ["converge/under-faults#reset"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["diverged"],
        rate: 0.5,
      },
    ],
  },
  {
    reason: "two clients that push at once meet the table's own error, or a failed request ends a pull for good",
    demonstration: "providers/livestore/demonstrations/http-race-meets-the-table.ts",
    shown: [
      {
        checks: ["converge/sessions", "converge/writers", "converge/writers#chat"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["diverged", "restless", "silent-live", "stuck", "wrong-refusal"],
        rate: 0.2,
      },
    ],
  },
  {
    reason: "pulls beside pushes give events twice and out of order",
    demonstration: "providers/livestore/demonstrations/live-join-delivers-out-of-order.ts",
    shown: [
      {
        checks: ["converge/apply-failure", "converge/sessions"],
        providers: ["livestore-cf-ws-d1"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.5,
      },
      {
        checks: ["converge/client-crash"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["diverged", "duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.2,
      },
      {
        checks: ["converge/offline"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["diverged", "duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 1,
      },
      {
        checks: ["converge/under-faults#reset"],
        providers: ["livestore-cf-ws-d1"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.3,
      },
      {
        checks: ["converge/writers"],
        providers: ["livestore-cf-ws-d1"],
        anomalies: ["diverged", "duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.5,
      },
      {
        checks: ["converge/writers#chat"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["diverged", "duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.3,
      },
      {
        checks: ["converge/offline#cut-off"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["diverged", "duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.5,
      },
      {
        checks: ["converge/sessions"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["diverged", "duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.15,
      },
      {
        checks: ["converge/under-faults#cut-mid-frame"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["diverged", "duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.7,
      },
      {
        checks: [
          "converge/under-faults#evicted",
          "converge/under-faults#half-open",
          "converge/under-faults#half-open-up",
          "converge/under-faults#reset",
          "converge/under-faults#restarted",
        ],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["diverged", "duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.3,
      },
      {
        checks: ["converge/under-faults#half-open-down", "converge/writers"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["diverged", "duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.1,
      },
    ],
  },
  {
    reason: "a live pull that missed its news is not told by the refusal",
    demonstration: "providers/livestore/demonstrations/lost-frames-are-waited-for.ts",
    shown: [
      {
        checks: ["converge/quiet#refused", "converge/under-faults#lost-news"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["diverged", "silent-live"],
        rate: 1,
      },
    ],
  },
  {
    reason: "an answer that cannot be read ends pulls with an unknown error, after which LiveStore's leader stops",
    demonstration: "providers/livestore/demonstrations/garbage-ends-a-pull-for-good.ts",
    shown: [
      {
        checks: ["converge/under-faults#garbage"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["diverged", "duplicate", "gap", "live-join", "page-info-lie", "reordered", "silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "an object with a live pull never hibernates",
    demonstration: "providers/livestore/demonstrations/object-never-hibernates.ts",
    shown: [
      {
        checks: ["converge/under-faults#hibernated"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["restless"],
      },
    ],
  },
  {
    reason: "a push whose request is lost waits for ever",
    demonstration: "providers/livestore/demonstrations/lost-frames-are-waited-for.ts",
    shown: [
      {
        checks: ["converge/under-faults#lost-requests"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["diverged", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a push that was under way when the backend froze is never answered",
    demonstration: "providers/livestore/demonstrations/half-open-leaves-live-pull-silent.ts",
    shown: [
      {
        checks: ["converge/under-faults#paused"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["diverged", "silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a restored backend is not noticed",
    demonstration: "providers/livestore/demonstrations/cursor-past-the-head-is-not-noticed.ts",
    shown: [
      {
        checks: ["converge/under-faults#restored"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["diverged", "duplicate", "gap", "identity-missed", "live-join", "page-info-lie", "reordered"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a client takes over the identity of a new life and goes on",
    demonstration: "providers/livestore/demonstrations/new-life-is-adopted.ts",
    shown: [
      {
        checks: ["converge/under-faults#wiped"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["duplicate", "gap", "identity-missed", "live-join", "page-info-lie", "reordered", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a pull ends without NoMore, and a live pull says it only when a long poll ran out after 20 s",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-after-20-seconds.ts",
    shown: [
      {
        checks: ["converge/apply-failure", "converge/quiet"],
        providers: ["livestore-electric"],
        anomalies: ["diverged", "page-info-lie", "stale-read"],
      },
    ],
  },
  {
    reason: "of first pulls of a store at once some fail: each makes the store's table",
    demonstration: "providers/livestore/demonstrations/electric-first-pulls-race.ts",
    shown: [
      {
        checks: ["converge/client-crash"],
        providers: ["livestore-electric"],
        anomalies: ["diverged", "page-info-lie", "silent-live", "stale-read", "stuck"],
      },
      {
        checks: ["converge/sessions", "converge/writers", "converge/writers#chat"],
        providers: ["livestore-electric"],
        anomalies: ["diverged", "page-info-lie", "stale-read"],
      },
    ],
  },
  {
    reason: "a pull says NoMore and then gives the log, where the store was empty when it was first pulled",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-before-the-log.ts",
    shown: [
      {
        checks: ["converge/offline"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "stale-read"],
      },
    ],
  },
  {
    reason: "every failure is an unknown error, after which LiveStore's leader neither rebases nor tries again",
    demonstration: "providers/livestore/demonstrations/electric-failures-have-no-name.ts",
    shown: [
      {
        checks: ["converge/under-faults#reset"],
        providers: ["livestore-electric"],
        anomalies: ["diverged", "page-info-lie", "stale-read"],
      },
    ],
  },
  {
    reason: "a shape that Electric no longer has kills the pull",
    demonstration: "providers/livestore/demonstrations/electric-lost-shape-kills-pulls.ts",
    shown: [
      {
        checks: ["converge/under-faults#wiped"],
        providers: ["livestore-electric"],
        anomalies: [
          "defect",
          "diverged",
          "duplicate",
          "gap",
          "identity-missed",
          "live-join",
          "page-info-lie",
          "reordered",
          "stale-read",
        ],
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
          "converge/apply-failure",
          "converge/client-crash",
          "converge/offline",
          "converge/quiet",
          "converge/sessions",
          "converge/writers",
        ],
        providers: ["livestore-mock"],
        anomalies: [
          "cursor-skip",
          "diverged",
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
