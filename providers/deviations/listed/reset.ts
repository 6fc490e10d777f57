import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `reset/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const resetFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "a cursor whose backend is not known kills the pull",
    demonstration: "providers/livestore/demonstrations/cursor-of-a-client-that-only-pushed-dies.ts",
    shown: [
      {
        checks: ["reset/foreign-cursor", "reset/foreign-cursor#at-head", "reset/foreign-cursor#between"],
        providers: [
          "livestore-cf-do-rpc-d1",
          "livestore-cf-do-rpc-do",
          "livestore-cf-http-d1",
          "livestore-cf-http-do",
          "livestore-cf-ws-d1",
          "livestore-cf-ws-do",
        ],
        anomalies: ["defect"],
      },
      {
        checks: ["reset/never-adopted"],
        providers: ["livestore-cf-do-rpc-d1", "livestore-cf-do-rpc-do", "livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["defect"],
      },
    ],
  },
  {
    reason: "a stub whose object was reset is kept, and each call on it is a defect",
    demonstration: "providers/livestore/demonstrations/rpc-broken-stub-is-kept.ts",
    shown: [
      {
        checks: [
          "reset/id-stable#evict",
          "reset/never-false#other-store",
          "reset/older-snapshot",
          "reset/pull-mismatch",
          "reset/push-mismatch",
        ],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["defect"],
        rate: 1,
      },
      {
        checks: [
          "reset/id-stable#evict",
          "reset/never-false#other-store",
          "reset/older-snapshot",
          "reset/pull-mismatch",
          "reset/push-mismatch",
        ],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["defect", "fork", "identity-missed", "silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "registrations of live pulls lie in the object's memory and are gone with it, which nobody is told",
    demonstration: "providers/livestore/demonstrations/rpc-eviction-silences-live-pulls.ts",
    shown: [
      {
        checks: ["reset/live-mismatch", "reset/live-mismatch#quiet"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["identity-missed"],
        rate: 1,
      },
      {
        checks: ["reset/live-mismatch", "reset/live-mismatch#quiet"],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["defect", "diverged", "identity-missed", "live-join", "silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a restored backend is not noticed",
    demonstration: "providers/livestore/demonstrations/cursor-past-the-head-is-not-noticed.ts",
    shown: [
      {
        checks: ["reset/older-snapshot"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do", "livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["fork"],
      },
    ],
  },
  {
    reason: "a client that only pushed adopts the new life",
    demonstration: "providers/livestore/demonstrations/new-life-is-adopted.ts",
    shown: [
      {
        checks: ["reset/push-mismatch"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do", "livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["identity-adopted"],
      },
    ],
  },
  {
    reason: "an object with a live pull never hibernates",
    demonstration: "providers/livestore/demonstrations/object-never-hibernates.ts",
    shown: [
      {
        checks: ["reset/id-stable#evict"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["restless"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a bare cursor of a client that knows no backendId kills the pull",
    demonstration: "providers/livestore/demonstrations/cursor-of-a-client-that-only-pushed-dies.ts",
    shown: [
      {
        checks: ["reset/never-adopted"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["defect"],
      },
    ],
  },
  {
    reason: "what is in flight when the connection is made again is never answered",
    demonstration: "providers/livestore/demonstrations/half-open-leaves-live-pull-silent.ts",
    shown: [
      {
        checks: ["reset/live-mismatch", "reset/live-mismatch#quiet"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["identity-missed", "silent-live", "stuck"],
        rate: 0.1,
      },
    ],
  },
  {
    reason: "the head in memory outlives the storage",
    demonstration: "providers/livestore/demonstrations/refused-batch-wedges-the-store.ts",
    shown: [
      {
        checks: ["reset/wipe-under-running"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["wrong-refusal"],
        rate: 0.25,
      },
    ],
  },
  {
    reason: "a pull ends without NoMore, and a live pull says it only when a long poll ran out after 20 s",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-after-20-seconds.ts",
    shown: [
      {
        checks: [
          "reset/clean-state",
          "reset/live-mismatch",
          "reset/live-mismatch#cut",
          "reset/live-mismatch#quiet",
          "reset/wipe-under-running",
        ],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "silent-live", "stuck"],
      },
      {
        checks: ["reset/id-stable", "reset/never-false#first-contact", "reset/never-false#outage"],
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
        checks: ["reset/clean-state#fault"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "stale-read"],
      },
    ],
  },
  {
    reason: "a shape that Electric no longer has kills the pull",
    demonstration: "providers/livestore/demonstrations/electric-lost-shape-kills-pulls.ts",
    shown: [
      {
        checks: [
          "reset/foreign-cursor",
          "reset/foreign-cursor#at-head",
          "reset/id-stable#evict",
          "reset/never-false#other-store",
        ],
        providers: ["livestore-electric"],
        anomalies: ["defect", "page-info-lie"],
      },
      {
        checks: ["reset/older-snapshot"],
        providers: ["livestore-electric"],
        anomalies: ["defect", "fork", "page-info-lie"],
      },
      {
        checks: ["reset/pull-mismatch"],
        providers: ["livestore-electric"],
        anomalies: ["defect", "duplicate", "identity-adopted", "page-info-lie", "stale-read"],
      },
    ],
  },
  {
    reason: "a cursor carries the offset at its page's end, and one without metadata gives the whole log",
    demonstration: "providers/livestore/demonstrations/electric-cursor-stands-at-its-pages-end.ts",
    shown: [
      {
        checks: ["reset/foreign-cursor#between"],
        providers: ["livestore-electric"],
        anomalies: ["cursor-skip", "page-info-lie"],
      },
      {
        checks: ["reset/never-false"],
        providers: ["livestore-electric"],
        anomalies: ["duplicate", "page-info-lie"],
      },
    ],
  },
  {
    reason: "a snapshot's events come in the order in which they lie in Postgres",
    demonstration: "providers/livestore/demonstrations/electric-snapshot-has-no-order.ts",
    shown: [
      {
        checks: ["reset/fresh-client"],
        providers: ["livestore-electric"],
        anomalies: ["duplicate", "page-info-lie", "reordered", "stale-read"],
      },
    ],
  },
  {
    reason: "no backendId is sent, kept or compared",
    demonstration: "providers/livestore/demonstrations/electric-new-life-is-adopted.ts",
    shown: [
      {
        checks: ["reset/never-adopted"],
        providers: ["livestore-electric"],
        anomalies: ["duplicate", "identity-adopted", "identity-missed", "non-monotonic", "page-info-lie", "stale-read"],
      },
      {
        checks: ["reset/push-mismatch"],
        providers: ["livestore-electric"],
        anomalies: [
          "gap",
          "identity-adopted",
          "identity-missed",
          "page-info-lie",
          "reordered",
          "stale-parent-accepted",
          "wrong-refusal",
        ],
      },
    ],
  },
  {
    reason: "a cursor is a number to compare with and nothing else",
    demonstration: "providers/livestore/demonstrations/mock-takes-any-batch.ts",
    shown: [
      {
        checks: ["reset/foreign-cursor"],
        providers: ["livestore-mock"],
        anomalies: ["cursor-skip", "duplicate", "non-monotonic"],
      },
      {
        checks: ["reset/foreign-cursor#at-head", "reset/foreign-cursor#between"],
        providers: ["livestore-mock"],
        anomalies: ["cursor-skip"],
      },
    ],
  },
]
