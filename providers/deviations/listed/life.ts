import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `life/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const lifeFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "MessagePack renames the key __proto__, replaces half a pair of surrogates, and absent args become null",
    demonstration: "providers/livestore/demonstrations/rpc-changes-arguments.ts",
    shown: [
      {
        checks: ["life/deploy#old-events"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["corrupted"],
        rate: 1,
      },
      {
        checks: ["life/deploy#old-events"],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["corrupted", "gap", "live-join", "silent-live"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a stub whose object was reset is kept, and each call on it is a defect",
    demonstration: "providers/livestore/demonstrations/rpc-broken-stub-is-kept.ts",
    shown: [
      {
        checks: ["life/evict"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["defect"],
        rate: 1,
      },
      {
        checks: ["life/evict"],
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
        checks: ["life/evict#hibernates"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["silent-live"],
        rate: 1,
      },
      {
        checks: ["life/evict#hibernates"],
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
        checks: ["life/deploy"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["wrong-refusal"],
        rate: 0.2,
      },
      {
        checks: ["life/kill#before-commit"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["diverged", "stuck", "wrong-refusal"],
        rate: 0.5,
      },
      {
        checks: ["life/restart"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["diverged", "stuck", "wrong-refusal"],
        rate: 0.8,
      },
      {
        checks: ["life/deploy"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["diverged", "stuck", "wrong-refusal"],
        rate: 0.2,
      },
      {
        checks: ["life/kill#before-commit"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["diverged", "stuck", "wrong-refusal"],
        rate: 0.4,
      },
      {
        checks: ["life/pause"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["wrong-refusal"],
        rate: 0.2,
      },
    ],
  },
  {
    reason: "absent args come back as null",
    demonstration: "providers/livestore/demonstrations/absent-args-become-null.ts",
    shown: [
      {
        checks: ["life/deploy#old-events"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do", "livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["corrupted"],
      },
    ],
  },
  {
    reason: "a request whose answer does not come is waited for without end",
    demonstration: "providers/livestore/demonstrations/http-requests-wait-without-end.ts",
    shown: [
      {
        checks: ["life/kill"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["stuck"],
        rate: 1,
      },
      {
        checks: ["life/kill"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["silent-live", "stuck", "wrong-refusal"],
        rate: 1,
      },
    ],
  },
  {
    reason: "pulls beside pushes give events twice and out of order",
    demonstration: "providers/livestore/demonstrations/live-join-delivers-out-of-order.ts",
    shown: [
      {
        checks: ["life/deploy", "life/kill"],
        providers: ["livestore-cf-ws-d1"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered", "silent-live", "stuck"],
        rate: 0.5,
      },
      {
        checks: ["life/pause#short", "life/restart"],
        providers: ["livestore-cf-ws-d1"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.5,
      },
    ],
  },
  {
    reason: "an object with a live pull never hibernates",
    demonstration: "providers/livestore/demonstrations/object-never-hibernates.ts",
    shown: [
      {
        checks: ["life/evict#hibernates"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["restless"],
        rate: 1,
      },
    ],
  },
  {
    reason: "live pulls stay open and silent after the backend froze and went on",
    demonstration: "providers/livestore/demonstrations/half-open-leaves-live-pull-silent.ts",
    shown: [
      {
        checks: ["life/pause"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a live pull that is opened again stays silent",
    demonstration: "providers/livestore/demonstrations/half-open-leaves-live-pull-silent.ts",
    shown: [
      {
        checks: ["life/deploy", "life/kill"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["silent-live", "stuck"],
        rate: 0.1,
      },
    ],
  },
  {
    reason: "what is in flight when the connection is made again is never answered",
    demonstration: "providers/livestore/demonstrations/half-open-leaves-live-pull-silent.ts",
    shown: [
      {
        checks: ["life/kill#midway"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["silent-live", "stuck"],
        rate: 0.5,
      },
      {
        checks: ["life/kill#under-load"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["silent-live", "stuck"],
        rate: 0.1,
      },
    ],
  },
  {
    reason: "a live pull beside pushes gives events twice and out of order",
    demonstration: "providers/livestore/demonstrations/live-join-delivers-out-of-order.ts",
    shown: [
      {
        checks: ["life/pause#short"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered"],
        rate: 0.5,
      },
    ],
  },
  {
    reason: "a pull ends without NoMore, and a live pull says it only when a long poll ran out after 20 s",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-after-20-seconds.ts",
    shown: [
      {
        checks: [
          "life/deploy",
          "life/evict",
          "life/evict#hibernates",
          "life/kill",
          "life/kill#before-commit",
          "life/pause",
          "life/pause#short",
          "life/restart",
          "life/storage-outage",
          "life/storage-outage#full",
        ],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "silent-live", "stuck"],
      },
      {
        checks: ["life/kill#under-load"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie"],
      },
    ],
  },
  {
    reason: "absent arguments become null, and jsonb does not take every text",
    demonstration: "providers/livestore/demonstrations/electric-jsonb-changes-arguments.ts",
    shown: [
      {
        checks: ["life/deploy#old-events"],
        providers: ["livestore-electric"],
        anomalies: ["corrupted", "page-info-lie", "silent-live", "stuck"],
      },
    ],
  },
  {
    reason: "a shape that Electric no longer has kills the pull",
    demonstration: "providers/livestore/demonstrations/electric-lost-shape-kills-pulls.ts",
    shown: [
      {
        checks: ["life/evict#no-connections"],
        providers: ["livestore-electric"],
        anomalies: ["defect", "page-info-lie"],
      },
    ],
  },
]
