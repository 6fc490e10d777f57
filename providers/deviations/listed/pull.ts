import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `pull/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const pullFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "a cursor past the head is taken for one at the head",
    demonstration: "providers/livestore/demonstrations/cursor-past-the-head-is-not-noticed.ts",
    shown: [
      {
        checks: ["pull/beyond-head"],
        providers: [
          "livestore-cf-do-rpc-d1",
          "livestore-cf-do-rpc-do",
          "livestore-cf-http-d1",
          "livestore-cf-http-do",
          "livestore-cf-ws-d1",
          "livestore-cf-ws-do",
        ],
        anomalies: ["page-info-lie", "silent-live", "stale-read"],
        rate: 1,
      },
      {
        checks: ["pull/beyond-head#empty"],
        providers: [
          "livestore-cf-do-rpc-d1",
          "livestore-cf-do-rpc-do",
          "livestore-cf-http-d1",
          "livestore-cf-http-do",
          "livestore-cf-ws-d1",
          "livestore-cf-ws-do",
        ],
        anomalies: ["stale-read"],
      },
    ],
  },
  {
    reason: "a stub whose object was reset is kept, and each call on it is a defect",
    demonstration: "providers/livestore/demonstrations/rpc-broken-stub-is-kept.ts",
    shown: [
      {
        checks: ["pull/suffix#after-return"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["defect"],
        rate: 1,
      },
      {
        checks: ["pull/transient-is-offline#evict"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["defect", "stuck"],
        rate: 1,
      },
      {
        checks: ["pull/suffix#after-return", "pull/transient-is-offline#evict"],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["defect", "fork", "identity-missed", "silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a cursor whose backend is not known kills the pull",
    demonstration: "providers/livestore/demonstrations/cursor-of-a-client-that-only-pushed-dies.ts",
    shown: [
      {
        checks: ["pull/suffix#pushed-only"],
        providers: ["livestore-cf-do-rpc-d1", "livestore-cf-do-rpc-do", "livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["cursor-skip", "defect"],
      },
    ],
  },
  {
    reason: "a storage that is out ends operations with an unknown error, after which LiveStore's leader stops",
    demonstration: "providers/livestore/demonstrations/failed-statement-wedges-the-store.ts",
    shown: [
      {
        checks: ["pull/transient-is-offline#storage", "pull/transient-is-offline#storage-live"],
        providers: ["livestore-cf-do-rpc-d1", "livestore-cf-do-rpc-do", "livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["wrong-refusal"],
      },
    ],
  },
  {
    reason: "every failure of a request is an unknown error, after which LiveStore's leader stops",
    demonstration: "providers/livestore/demonstrations/http-errors-are-never-offline.ts",
    shown: [
      {
        checks: ["pull/cut", "pull/cut#closed-cleanly", "pull/transient-is-offline"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["wrong-refusal"],
        rate: 1,
      },
      {
        checks: ["pull/transient-is-offline#evict"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["wrong-refusal"],
        rate: 0.2,
      },
      {
        checks: ["pull/cut", "pull/cut#closed-cleanly", "pull/transient-is-offline"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["diverged", "stuck", "wrong-refusal"],
        rate: 1,
      },
    ],
  },
  {
    reason: "the whole log is one answer, which an interruption does not stop",
    demonstration: "providers/livestore/demonstrations/http-log-comes-in-one-answer.ts",
    shown: [
      {
        checks: ["pull/lazy#interrupt"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["leak"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a pull fails at once while the backend is down, as often as it is tried",
    demonstration: "providers/livestore/demonstrations/http-errors-are-never-offline.ts",
    shown: [
      {
        checks: ["pull/offline-paced"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do"],
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
        checks: ["pull/monotonic", "pull/read-your-writes#beside-a-running-pull"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 1,
      },
      {
        checks: ["pull/only-durable"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.4,
      },
    ],
  },
  {
    reason: "an object that has served a pull never hibernates",
    demonstration: "providers/livestore/demonstrations/object-never-hibernates.ts",
    shown: [
      {
        checks: ["pull/suffix#after-return"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["restless"],
        rate: 1,
      },
    ],
  },
  {
    reason: "the cursor of a client that only pushed kills the pull",
    demonstration: "providers/livestore/demonstrations/cursor-of-a-client-that-only-pushed-dies.ts",
    shown: [
      {
        checks: ["pull/suffix#pushed-only"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["cursor-skip", "defect"],
      },
    ],
  },
  {
    reason: "a pull while connections are refused waits for ever",
    demonstration: "providers/livestore/demonstrations/half-open-leaves-live-pull-silent.ts",
    shown: [
      {
        checks: ["pull/transient-is-offline"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a storage that is out ends a pull with an unknown error, after which LiveStore's leader stops",
    demonstration: "providers/livestore/demonstrations/failed-statement-wedges-the-store.ts",
    shown: [
      {
        checks: ["pull/transient-is-offline#storage"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["wrong-refusal"],
      },
    ],
  },
  {
    reason: "a storage that is out ends a live pull with an unknown error, after which LiveStore's leader stops",
    demonstration: "providers/livestore/demonstrations/failed-statement-wedges-the-store.ts",
    shown: [
      {
        checks: ["pull/transient-is-offline#storage-live"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["wrong-refusal"],
      },
    ],
  },
  {
    reason: "what is in flight when the connection is made again is never answered",
    demonstration: "providers/livestore/demonstrations/half-open-leaves-live-pull-silent.ts",
    shown: [
      {
        checks: ["pull/suffix"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["cursor-skip", "silent-live", "stuck"],
        rate: 0.1,
      },
    ],
  },
  {
    reason: "a pull in flight when the connection ends is never answered",
    demonstration: "providers/livestore/demonstrations/half-open-leaves-live-pull-silent.ts",
    shown: [
      {
        checks: ["pull/transient-is-offline#evict"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["silent-live", "stuck"],
        rate: 0.3,
      },
    ],
  },
  {
    reason: "a pull says NoMore and then gives the log, where the store was empty when it was first pulled",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-before-the-log.ts",
    shown: [
      {
        checks: [
          "pull/all",
          "pull/lazy",
          "pull/lazy#interrupt",
          "pull/monotonic",
          "pull/only-durable",
          "pull/page-info",
          "pull/page-size#other-scripts",
          "pull/read-your-writes#beside-a-running-pull",
          "pull/transient-is-offline#restart",
        ],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie"],
      },
    ],
  },
  {
    reason: "a cursor carries the offset at its page's end, and one without metadata gives the whole log",
    demonstration: "providers/livestore/demonstrations/electric-cursor-stands-at-its-pages-end.ts",
    shown: [
      {
        checks: ["pull/at-head"],
        providers: ["livestore-electric"],
        anomalies: ["duplicate", "page-info-lie"],
      },
      {
        checks: ["pull/beyond-head"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "silent-live", "stale-read"],
      },
      {
        checks: ["pull/beyond-head#empty"],
        providers: ["livestore-electric"],
        anomalies: ["stale-read"],
      },
      {
        checks: ["pull/lazy#twice"],
        providers: ["livestore-electric"],
        anomalies: ["cursor-skip", "page-info-lie"],
      },
      {
        checks: ["pull/metadata"],
        providers: ["livestore-electric"],
        anomalies: ["cursor-skip", "non-monotonic", "page-info-lie"],
      },
      {
        checks: ["pull/read-your-writes"],
        providers: ["livestore-electric"],
        anomalies: ["duplicate", "non-monotonic", "page-info-lie", "stale-read"],
      },
      {
        checks: ["pull/suffix"],
        providers: ["livestore-electric"],
        anomalies: ["cursor-skip", "duplicate", "non-monotonic", "page-info-lie"],
      },
      {
        checks: ["pull/suffix#after-return", "pull/suffix#digits", "pull/suffix#pushed-only"],
        providers: ["livestore-electric"],
        anomalies: ["cursor-skip", "duplicate", "page-info-lie"],
      },
      {
        checks: ["pull/suffix#new-process"],
        providers: ["livestore-electric"],
        anomalies: ["cursor-skip", "duplicate", "page-info-lie", "stale-read"],
      },
    ],
  },
  {
    reason: "every failure is an unknown error, after which LiveStore's leader neither rebases nor tries again",
    demonstration: "providers/livestore/demonstrations/electric-failures-have-no-name.ts",
    shown: [
      {
        checks: [
          "pull/cut",
          "pull/cut#closed-cleanly",
          "pull/transient-is-offline",
          "pull/transient-is-offline#storage",
          "pull/transient-is-offline#storage-live",
        ],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "wrong-refusal"],
      },
      {
        checks: ["pull/offline-paced"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "restless"],
      },
    ],
  },
  {
    reason: "a snapshot's events come in the order in which they lie in Postgres",
    demonstration: "providers/livestore/demonstrations/electric-snapshot-has-no-order.ts",
    shown: [
      {
        checks: ["pull/page-size"],
        providers: ["livestore-electric"],
        anomalies: ["duplicate", "page-info-lie", "reordered"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a shape that Electric no longer has kills the pull",
    demonstration: "providers/livestore/demonstrations/electric-lost-shape-kills-pulls.ts",
    shown: [
      {
        checks: ["pull/transient-is-offline#evict"],
        providers: ["livestore-electric"],
        anomalies: ["defect", "page-info-lie"],
      },
    ],
  },
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
