import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `args/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const argsFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "MessagePack renames the key __proto__, replaces half a pair of surrogates, and absent args become null",
    demonstration: "providers/livestore/demonstrations/rpc-changes-arguments.ts",
    shown: [
      {
        checks: ["args/fidelity"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["corrupted", "silent-live"],
        rate: 1,
      },
      {
        checks: ["args/fidelity#surrogates"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["corrupted"],
        rate: 1,
      },
      {
        checks: ["args/fidelity", "args/fidelity#surrogates"],
        providers: ["livestore-cf-do-rpc-do"],
        anomalies: ["corrupted", "gap", "live-join", "silent-live"],
        rate: 1,
      },
    ],
  },
  {
    reason: "arguments that have no JSON kill the push",
    demonstration: "providers/livestore/demonstrations/unencodable-batches-die.ts",
    shown: [
      {
        checks: ["args/invalid"],
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
    ],
  },
  {
    reason: "absent args come back as null",
    demonstration: "providers/livestore/demonstrations/absent-args-become-null.ts",
    shown: [
      {
        checks: ["args/fidelity"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do", "livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["corrupted"],
      },
    ],
  },
  {
    reason: "absent arguments become null, and jsonb does not take every text",
    demonstration: "providers/livestore/demonstrations/electric-jsonb-changes-arguments.ts",
    shown: [
      {
        checks: ["args/fidelity"],
        providers: ["livestore-electric"],
        anomalies: ["corrupted", "non-monotonic", "page-info-lie", "stale-read"],
      },
    ],
  },
  {
    reason: "a pull says NoMore and then gives the log, where the store was empty when it was first pulled",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-before-the-log.ts",
    shown: [
      {
        checks: ["args/fidelity#surrogates", "args/invalid"],
        providers: ["livestore-electric"],
        anomalies: ["non-monotonic", "page-info-lie", "stale-read"],
      },
    ],
  },
  {
    reason:
      "a live pull gives no history, and all live pulls of a store share one queue, so that each event reaches one of them",
    demonstration: "providers/livestore/demonstrations/mock-live-pull-has-no-history.ts",
    shown: [
      {
        checks: ["args/fidelity", "args/fidelity#surrogates"],
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
    reason: "arguments that have no JSON are stored",
    demonstration: "providers/livestore/demonstrations/mock-takes-any-batch.ts",
    shown: [
      {
        checks: ["args/invalid"],
        providers: ["livestore-mock"],
        anomalies: ["corrupted", "refused-but-stored"],
      },
    ],
  },
]
