import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `live/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const liveFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "registrations of live pulls lie in the object's memory and are gone with it, which nobody is told",
    demonstration: "providers/livestore/demonstrations/rpc-eviction-silences-live-pulls.ts",
    shown: [
      {
        checks: ["live/after-restart#evict"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["defect", "silent-live", "stuck"],
        rate: 1,
      },
      {
        checks: ["live/after-restart#hibernate"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["silent-live"],
        rate: 1,
      },
      {
        checks: ["live/after-restart#evict", "live/after-restart#hibernate"],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["defect", "diverged", "identity-missed", "live-join", "silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "nothing takes a registration back",
    demonstration: "providers/livestore/demonstrations/rpc-interrupted-live-pull-stays-registered.ts",
    shown: [
      {
        checks: ["live/interrupt", "live/interrupt#mid-history"],
        providers: ["livestore-cf-do-rpc-d1", "livestore-cf-do-rpc-do"],
        anomalies: ["leak"],
      },
    ],
  },
  {
    reason: "what is pushed while a live pull goes over from history to live is lost",
    demonstration: "providers/livestore/demonstrations/rpc-live-join-loses-events.ts",
    shown: [
      {
        checks: ["live/join-under-writes"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["live-join", "silent-live"],
        rate: 1,
      },
      {
        checks: ["live/join-under-writes", "live/join-under-writes#last-write"],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["defect", "diverged", "duplicate", "gap", "live-join", "silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "the backend keeps one registration for a store, the last: live pulls before it hear nothing",
    demonstration: "providers/livestore/demonstrations/rpc-second-live-pull-silences-the-first.ts",
    shown: [
      {
        checks: ["live/others", "live/slow-consumer", "live/two-on-one-client"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["silent-live"],
        rate: 1,
      },
      {
        checks: ["live/others", "live/slow-consumer", "live/two-on-one-client"],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["defect", "diverged", "duplicate", "gap", "live-join", "silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "every failure of a request is an unknown error, after which LiveStore's leader stops",
    demonstration: "providers/livestore/demonstrations/http-errors-are-never-offline.ts",
    shown: [
      {
        checks: ["live/after-drop#again", "live/after-restart"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["diverged", "stuck", "wrong-refusal"],
        rate: 0.5,
      },
      {
        checks: ["live/after-drop#stays-down", "live/half-open", "live/half-open#down-only"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["wrong-refusal"],
        rate: 1,
      },
      {
        checks: ["live/after-drop#again"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["diverged", "stuck", "wrong-refusal"],
        rate: 0.2,
      },
      {
        checks: ["live/after-drop#stays-down", "live/half-open", "live/half-open#down-only"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["diverged", "stuck", "wrong-refusal"],
        rate: 1,
      },
      {
        checks: ["live/after-restart"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["diverged", "stuck", "wrong-refusal"],
        rate: 0.4,
      },
    ],
  },
  {
    reason: "pulls beside pushes give events twice and out of order",
    demonstration: "providers/livestore/demonstrations/live-join-delivers-out-of-order.ts",
    shown: [
      {
        checks: ["live/after-drop"],
        providers: ["livestore-cf-ws-d1"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.3,
      },
      {
        checks: ["live/after-drop#closed-cleanly", "live/bad-neighbour", "live/two-on-one-client"],
        providers: ["livestore-cf-ws-d1"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.5,
      },
    ],
  },
  {
    reason: "a live pull that is opened again stays silent",
    demonstration: "providers/livestore/demonstrations/half-open-leaves-live-pull-silent.ts",
    shown: [
      {
        checks: ["live/after-drop#again"],
        providers: ["livestore-cf-ws-d1"],
        anomalies: ["silent-live", "stuck"],
        rate: 0.3,
      },
      {
        checks: ["live/after-drop#again"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["silent-live", "stuck"],
        rate: 0.5,
      },
    ],
  },
  {
    reason: "a live pull stays open and silent after its object was evicted",
    demonstration: "providers/livestore/demonstrations/half-open-leaves-live-pull-silent.ts",
    shown: [
      {
        checks: ["live/after-restart#evict"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["silent-live", "stuck"],
        rate: 0.25,
      },
    ],
  },
  {
    reason: "an object with a live pull never hibernates",
    demonstration: "providers/livestore/demonstrations/object-never-hibernates.ts",
    shown: [
      {
        checks: ["live/after-restart#hibernate"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["restless"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a live pull stays open and silent after its link went silent",
    demonstration: "providers/livestore/demonstrations/half-open-leaves-live-pull-silent.ts",
    shown: [
      {
        checks: ["live/half-open", "live/half-open#down-only"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a live pull that joins under writes gives events twice and out of order",
    demonstration: "providers/livestore/demonstrations/live-join-delivers-out-of-order.ts",
    shown: [
      {
        checks: ["live/join-under-writes", "live/join-under-writes#last-write"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.75,
      },
    ],
  },
  {
    reason: "a pull ends without NoMore, and a live pull says it only when a long poll ran out after 20 s",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-after-20-seconds.ts",
    shown: [
      {
        checks: [
          "live/after-drop",
          "live/after-drop#again",
          "live/after-drop#closed-cleanly",
          "live/after-drop#stays-down",
          "live/after-restart",
          "live/after-restart#evict",
          "live/after-restart#hibernate",
          "live/half-open",
          "live/half-open#down-only",
          "live/history-then-stay",
          "live/history-then-stay#large-events",
          "live/interrupt",
          "live/interrupt#dead-link",
          "live/reopen",
          "live/two-on-one-client",
        ],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "silent-live", "stuck"],
      },
      {
        checks: ["live/interrupt#mid-history", "live/join-under-writes"],
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
        checks: [
          "live/bad-neighbour",
          "live/bad-neighbour#namesake-leaves",
          "live/latency",
          "live/no-more-promptly",
          "live/others",
          "live/slow-consumer",
        ],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "stale-read"],
      },
      {
        checks: ["live/others#pusher-gone"],
        providers: ["livestore-electric"],
        anomalies: ["non-monotonic", "page-info-lie", "stale-read"],
      },
    ],
  },
  {
    reason: "every failure is an unknown error, after which LiveStore's leader neither rebases nor tries again",
    demonstration: "providers/livestore/demonstrations/electric-failures-have-no-name.ts",
    shown: [
      {
        checks: ["live/join-under-writes#last-write"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "silent-live", "wrong-refusal"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a cursor carries the offset at its page's end, and one without metadata gives the whole log",
    demonstration: "providers/livestore/demonstrations/electric-cursor-stands-at-its-pages-end.ts",
    shown: [
      {
        checks: ["live/never-completes"],
        providers: ["livestore-electric"],
        anomalies: ["duplicate", "non-monotonic", "page-info-lie", "stale-read"],
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
          "live/history-then-stay",
          "live/history-then-stay#large-events",
          "live/join-under-writes",
          "live/join-under-writes#last-write",
          "live/never-completes",
          "live/no-more-promptly",
          "live/others",
          "live/slow-consumer",
          "live/two-on-one-client",
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
]
