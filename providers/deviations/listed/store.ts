import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `store/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const storeFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "the payload is sent with pings alone: no hook is told it, and nobody is refused",
    demonstration: "providers/livestore/demonstrations/rpc-payload-is-not-sent.ts",
    shown: [
      {
        checks: ["store/isolated#payload"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["payload-bleed"],
        rate: 1,
      },
      {
        checks: ["store/isolated#payload"],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: [
          "defect",
          "live-join",
          "payload-bleed",
          "refused-but-stored",
          "silent-live",
          "stuck",
          "wrong-refusal",
        ],
        rate: 1,
      },
    ],
  },
  {
    reason: "stores whose names differ only in case or in what is no letter share one table",
    demonstration: "providers/livestore/demonstrations/d1-stores-share-a-table.ts",
    shown: [
      {
        checks: ["store/odd-names"],
        providers: ["livestore-cf-do-rpc-d1", "livestore-cf-http-d1"],
        anomalies: ["store-bleed", "wrong-refusal"],
      },
      {
        checks: ["store/similar-names"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["store-bleed", "wrong-refusal"],
      },
      {
        checks: ["store/odd-names", "store/similar-names"],
        providers: ["livestore-cf-ws-d1"],
        anomalies: [
          "duplicate",
          "gap",
          "live-join",
          "page-info-lie",
          "reordered",
          "silent-live",
          "store-bleed",
          "stuck",
          "wrong-refusal",
        ],
      },
    ],
  },
  {
    reason: "the push hook is called without the payload",
    demonstration: "providers/livestore/demonstrations/http-push-loses-its-payload.ts",
    shown: [
      {
        checks: ["store/isolated#payload"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["payload-bleed"],
      },
    ],
  },
  {
    reason: "every failure of a request is an unknown error, after which LiveStore's leader stops",
    demonstration: "providers/livestore/demonstrations/http-errors-are-never-offline.ts",
    shown: [
      {
        checks: ["store/many-on-one-client#after-drop"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["wrong-refusal"],
        rate: 0.2,
      },
      {
        checks: ["store/many-on-one-client#after-drop"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["diverged", "stuck", "wrong-refusal"],
        rate: 0.2,
      },
    ],
  },
  {
    reason: "a store's name is a header too, and one beyond Latin-1 fails every request",
    demonstration: "providers/livestore/demonstrations/http-refuses-store-names.ts",
    shown: [
      {
        checks: ["store/similar-names"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["wrong-refusal"],
      },
      {
        checks: ["store/odd-names"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["wrong-refusal"],
      },
    ],
  },
  {
    reason: "a live pull stays silent after its connection was made again on a busy machine",
    demonstration: "providers/livestore/demonstrations/half-open-leaves-live-pull-silent.ts",
    shown: [
      {
        checks: ["store/similar-names"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["silent-live", "store-bleed", "stuck"],
        rate: 0.2,
      },
    ],
  },
  {
    reason: "whatever has a number that is free is stored, on any parent and in any order",
    demonstration: "providers/livestore/demonstrations/electric-no-head-is-checked.ts",
    shown: [
      {
        checks: ["store/isolated"],
        providers: ["livestore-electric"],
        anomalies: [
          "gap",
          "live-join",
          "non-monotonic",
          "page-info-lie",
          "stale-parent-accepted",
          "stale-read",
          "store-bleed",
        ],
      },
      {
        checks: ["store/many-on-one-client"],
        providers: ["livestore-electric"],
        anomalies: [
          "duplicate",
          "gap",
          "non-monotonic",
          "page-info-lie",
          "reordered",
          "stale-parent-accepted",
          "stale-read",
          "store-bleed",
        ],
      },
    ],
  },
  {
    reason: "pushes and pings carry no payload, so that no hook is told it and nobody is refused",
    demonstration: "providers/livestore/demonstrations/electric-push-carries-no-payload.ts",
    shown: [
      {
        checks: ["store/isolated#payload"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "payload-bleed"],
      },
    ],
  },
  {
    reason: "every failure is an unknown error, after which LiveStore's leader neither rebases nor tries again",
    demonstration: "providers/livestore/demonstrations/electric-failures-have-no-name.ts",
    shown: [
      {
        checks: ["store/many-on-one-client#after-drop"],
        providers: ["livestore-electric"],
        anomalies: ["non-monotonic", "page-info-lie", "stale-read", "wrong-refusal"],
      },
    ],
  },
  {
    reason: "stores with similar names share one table",
    demonstration: "providers/livestore/demonstrations/electric-stores-share-a-table.ts",
    shown: [
      {
        checks: ["store/odd-names"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "store-bleed", "wrong-refusal"],
      },
      {
        checks: ["store/similar-names"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "silent-live", "stale-read", "store-bleed", "wrong-refusal"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a push on a parent that is not in the log is stored, and live pulls share one queue",
    demonstration: "providers/livestore/demonstrations/mock-takes-any-batch.ts",
    shown: [
      {
        checks: ["store/isolated", "store/many-on-one-client", "store/similar-names"],
        providers: ["livestore-mock"],
        anomalies: [
          "gap",
          "live-join",
          "non-monotonic",
          "page-info-lie",
          "silent-live",
          "stale-parent-accepted",
          "stale-read",
          "store-bleed",
          "wrong-refusal",
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
        checks: ["store/odd-names"],
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
