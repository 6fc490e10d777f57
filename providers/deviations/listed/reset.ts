import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `reset/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const resetFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "a cursor whose backend is not known kills the pull",
    demonstration: "providers/livestore/demonstrations/cursor-of-a-client-that-only-pushed-dies.ts",
    shown: [
      {
        checks: ["reset/foreign-cursor", "reset/foreign-cursor#at-head", "reset/foreign-cursor#between"],
        providers: ["livestore-cf-do-rpc-do", "livestore-cf-http-do", "livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["defect"],
      },
      {
        checks: ["reset/never-adopted"],
        providers: ["livestore-cf-do-rpc-do", "livestore-cf-http-do"],
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
        providers: ["livestore-cf-http-do", "livestore-cf-ws-d1", "livestore-cf-ws-do"],
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
        providers: ["livestore-cf-http-do", "livestore-cf-ws-d1", "livestore-cf-ws-do"],
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
