import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `conn/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const connFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "isConnected is true before the first operation, and stays so",
    demonstration: "providers/livestore/demonstrations/rpc-client-is-always-connected.ts",
    shown: [
      {
        checks: ["conn/starts-disconnected"],
        providers: ["livestore-cf-do-rpc-d1", "livestore-cf-do-rpc-do"],
        anomalies: ["status-lie"],
        rate: 0.5,
      },
    ],
  },
  {
    reason: "an answer that is JSON and no list kills the operation",
    demonstration: "providers/livestore/demonstrations/http-answer-that-is-no-array-dies.ts",
    shown: [
      {
        checks: ["conn/garbage", "conn/garbage#push", "conn/garbage#stripped"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["defect"],
      },
    ],
  },
  {
    reason: "the heartbeat ends with its first failure, and isConnected keeps what it said last",
    demonstration: "providers/livestore/demonstrations/http-heartbeat-ends-with-the-first-failure.ts",
    shown: [
      {
        checks: ["conn/loss-detected", "conn/status-honest"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["status-lie"],
      },
      {
        checks: ["conn/recovers#first-connect-failed"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["status-lie", "wrong-refusal"],
      },
      {
        checks: ["conn/loss-detected", "conn/recovers#first-connect-failed", "conn/status-honest"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["status-lie", "stuck", "wrong-refusal"],
      },
    ],
  },
  {
    reason: "a ping succeeds on a silent link, and fails with an unknown error on one that is refused",
    demonstration: "providers/livestore/demonstrations/http-connect-succeeds-on-a-silent-link.ts",
    shown: [
      {
        checks: ["conn/ping"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["status-lie", "wrong-refusal"],
      },
      {
        checks: ["conn/ping"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["status-lie", "stuck", "wrong-refusal"],
      },
    ],
  },
  {
    reason: "every failure of a request is an unknown error, after which LiveStore's leader stops",
    demonstration: "providers/livestore/demonstrations/http-errors-are-never-offline.ts",
    shown: [
      {
        checks: ["conn/unreachable"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["wrong-refusal"],
        rate: 1,
      },
      {
        checks: ["conn/unreachable"],
        providers: ["livestore-cf-http-do"],
        anomalies: ["diverged", "stuck", "wrong-refusal"],
        rate: 1,
      },
    ],
  },
  {
    reason: "connect succeeds on a silent link once its time is over",
    demonstration: "providers/livestore/demonstrations/http-connect-succeeds-on-a-silent-link.ts",
    shown: [
      {
        checks: ["conn/unreachable#silent"],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["status-lie"],
      },
    ],
  },
  {
    reason: "a closed client leaves its connection open for about 11 s",
    demonstration: "providers/livestore/demonstrations/closed-client-leaves-its-connection.ts",
    shown: [
      {
        checks: ["conn/close-releases"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["leak"],
      },
    ],
  },
  {
    reason: "an answer that lost its members is waited for without end",
    demonstration: "providers/livestore/demonstrations/stripped-answer-is-waited-for.ts",
    shown: [
      {
        checks: ["conn/garbage#stripped"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["silent-live", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "every pull leaves its request in the connection's state",
    demonstration: "providers/livestore/demonstrations/pulls-fill-the-socket-attachment.ts",
    shown: [
      {
        checks: ["conn/long-lived#pages"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["leak"],
      },
    ],
  },
  {
    reason: "a ping succeeds on a silent link, and waits for it",
    demonstration: "providers/livestore/demonstrations/connect-and-ping-succeed-offline.ts",
    shown: [
      {
        checks: ["conn/ping"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["status-lie"],
      },
    ],
  },
  {
    reason: "pulls beside pushes give events twice and out of order",
    demonstration: "providers/livestore/demonstrations/live-join-delivers-out-of-order.ts",
    shown: [
      {
        checks: ["conn/recovers#again"],
        providers: ["livestore-cf-ws-d1"],
        anomalies: ["duplicate", "gap", "live-join", "page-info-lie", "reordered", "status-lie", "stuck"],
        rate: 0.5,
      },
    ],
  },
  {
    reason: "the first connect succeeds though the backend is down",
    demonstration: "providers/livestore/demonstrations/connect-and-ping-succeed-offline.ts",
    shown: [
      {
        checks: ["conn/recovers#first-connect-failed"],
        providers: ["livestore-cf-ws-d1"],
        anomalies: ["live-join", "status-lie"],
      },
      {
        checks: ["conn/recovers#first-connect-failed"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["status-lie"],
      },
    ],
  },
  {
    reason: "a rejected payload is tried again for ever and the operations that wait for it hang",
    demonstration: "providers/livestore/demonstrations/rejected-payload-hangs.ts",
    shown: [
      {
        checks: ["conn/retry-budget#payload-rejected"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["restless", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "connect succeeds after 5 s though nobody answers",
    demonstration: "providers/livestore/demonstrations/connect-and-ping-succeed-offline.ts",
    shown: [
      {
        checks: ["conn/unreachable", "conn/unreachable#silent"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["status-lie"],
      },
      {
        checks: ["conn/unreachable#down"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["status-lie"],
      },
    ],
  },
  {
    reason:
      "the two clients that are left have pulled once each, and every pull leaves its request in the connection's state",
    demonstration: "providers/livestore/demonstrations/pulls-fill-the-socket-attachment.ts",
    shown: [
      {
        checks: ["conn/churn"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["leak"],
      },
    ],
  },
  {
    reason: "each loss doubles the wait before the next attempt, and success does not reset it",
    demonstration: "providers/livestore/demonstrations/recovery-decays.ts",
    shown: [
      {
        checks: ["conn/recovers#again"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["status-lie", "stuck"],
        rate: 0.2,
      },
    ],
  },
  {
    reason: "after a cut a push that was in flight is never answered",
    demonstration: "providers/livestore/demonstrations/half-open-leaves-live-pull-silent.ts",
    shown: [
      {
        checks: ["conn/status-honest"],
        providers: ["livestore-cf-ws-do"],
        anomalies: ["silent-live", "stuck"],
        rate: 0.2,
      },
    ],
  },
  {
    reason: "a pull ends without NoMore, and a live pull says it only when a long poll ran out after 20 s",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-after-20-seconds.ts",
    shown: [
      {
        checks: ["conn/close-releases", "conn/recovers", "conn/status-honest"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "silent-live", "stuck"],
      },
      {
        checks: [
          "conn/connect",
          "conn/connect-again",
          "conn/garbage",
          "conn/garbage#half-frame",
          "conn/garbage#handshake",
          "conn/garbage#push",
          "conn/garbage#stripped",
          "conn/long-lived#pages",
        ],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie"],
      },
    ],
  },
  {
    reason: "a ping that is not answered succeeds, and one that fails leaves isConnected as it was",
    demonstration: "providers/livestore/demonstrations/electric-ping-lies.ts",
    shown: [
      {
        checks: ["conn/loss-detected", "conn/unreachable#silent"],
        providers: ["livestore-electric"],
        anomalies: ["status-lie"],
        rate: 1,
      },
      {
        checks: ["conn/ping"],
        providers: ["livestore-electric"],
        anomalies: ["status-lie", "wrong-refusal"],
      },
      {
        checks: ["conn/recovers#first-connect-failed"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "stale-read", "status-lie", "wrong-refusal"],
      },
      {
        checks: ["conn/retry-budget#payload-rejected"],
        providers: ["livestore-electric"],
        anomalies: ["restless"],
        rate: 1,
      },
    ],
  },
  {
    reason: "a pull says NoMore and then gives the log, where the store was empty when it was first pulled",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-before-the-log.ts",
    shown: [
      {
        checks: ["conn/loss-detected#second-connection"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "stale-read"],
      },
      {
        checks: ["conn/recovers#again"],
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
        checks: ["conn/unreachable"],
        providers: ["livestore-electric"],
        anomalies: ["wrong-refusal"],
      },
    ],
  },
]
