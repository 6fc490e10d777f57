import type { KnownFailure } from "../known-failure.ts"

/** Known failures of checks `payload/*`. Written by "gauntlet deviations --write"; reasons and issues by people. */
export const payloadFailures: ReadonlyArray<KnownFailure> = [
  {
    reason: "the payload is sent with pings alone: no hook is told it, and nobody is refused",
    demonstration: "providers/livestore/demonstrations/rpc-payload-is-not-sent.ts",
    shown: [
      {
        checks: ["payload/absent", "payload/any-json", "payload/expires#quiet", "payload/own", "payload/reaches"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["payload-bleed"],
        rate: 1,
      },
      {
        checks: ["payload/expires", "payload/expires#overlap", "payload/rejected#known-name"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["payload-bleed", "refused-but-stored"],
        rate: 1,
      },
      {
        checks: ["payload/own#one-revoked", "payload/rejected"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["payload-bleed", "refused-but-stored", "wrong-refusal"],
        rate: 1,
      },
      {
        checks: ["payload/reaches#after-eviction"],
        providers: ["livestore-cf-do-rpc-d1"],
        anomalies: ["defect", "payload-bleed"],
        rate: 1,
      },
      {
        checks: [
          "payload/absent",
          "payload/any-json",
          "payload/expires",
          "payload/expires#overlap",
          "payload/expires#quiet",
          "payload/own",
          "payload/own#one-revoked",
          "payload/reaches",
          "payload/reaches#after-eviction",
          "payload/rejected",
          "payload/rejected#known-name",
        ],
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
    reason: "the push hook is called without the payload",
    demonstration: "providers/livestore/demonstrations/http-push-loses-its-payload.ts",
    shown: [
      {
        checks: [
          "payload/absent",
          "payload/any-json",
          "payload/own",
          "payload/reaches",
          "payload/reaches#after-eviction",
          "payload/reaches#after-reconnect",
        ],
        providers: ["livestore-cf-http-d1", "livestore-cf-http-do"],
        anomalies: ["payload-bleed"],
      },
    ],
  },
  {
    reason: "connect succeeds on a silent link once its time is over",
    demonstration: "providers/livestore/demonstrations/http-connect-succeeds-on-a-silent-link.ts",
    shown: [
      {
        checks: ["payload/rejected"],
        providers: ["livestore-cf-http-d1"],
        anomalies: ["payload-bleed"],
        rate: 0.2,
      },
    ],
  },
  {
    reason: "a payload loses its __proto__ key on the way",
    demonstration: "providers/livestore/demonstrations/payload-loses-its-proto-key.ts",
    shown: [
      {
        checks: ["payload/any-json"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["payload-bleed"],
      },
    ],
  },
  {
    reason: "a live pull goes on after its payload was revoked",
    demonstration: "providers/livestore/demonstrations/revoked-payload-keeps-receiving.ts",
    shown: [
      {
        checks: ["payload/expires"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["payload-bleed", "stuck"],
        rate: 1,
      },
      {
        checks: ["payload/expires#quiet"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["payload-bleed"],
      },
    ],
  },
  {
    reason: "an object with a live pull never hibernates",
    demonstration: "providers/livestore/demonstrations/object-never-hibernates.ts",
    shown: [
      {
        checks: ["payload/reaches#after-eviction"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["restless"],
        rate: 0.75,
      },
    ],
  },
  {
    reason: "with a rejected payload connect succeeds, and push and pulls hang",
    demonstration: "providers/livestore/demonstrations/rejected-payload-hangs.ts",
    shown: [
      {
        checks: ["payload/rejected", "payload/rejected#known-name"],
        providers: ["livestore-cf-ws-d1", "livestore-cf-ws-do"],
        anomalies: ["payload-bleed", "stuck"],
        rate: 1,
      },
    ],
  },
  {
    reason: "pushes and pings carry no payload, so that no hook is told it and nobody is refused",
    demonstration: "providers/livestore/demonstrations/electric-push-carries-no-payload.ts",
    shown: [
      {
        checks: ["payload/absent", "payload/own"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "payload-bleed", "silent-live", "stuck"],
      },
      {
        checks: ["payload/expires#overlap", "payload/rejected#known-name"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "payload-bleed", "refused-but-stored"],
      },
      {
        checks: ["payload/own#one-revoked", "payload/rejected"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "payload-bleed", "refused-but-stored", "wrong-refusal"],
      },
    ],
  },
  {
    reason: "a pull ends without NoMore, and a live pull says it only when a long poll ran out after 20 s",
    demonstration: "providers/livestore/demonstrations/electric-no-more-comes-after-20-seconds.ts",
    shown: [
      {
        checks: ["payload/absent#namesake"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie"],
      },
      {
        checks: ["payload/expires", "payload/expires#quiet"],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "silent-live", "stuck"],
      },
    ],
  },
  {
    reason: "a percent sign in a payload or a name is unescaped twice",
    demonstration: "providers/livestore/demonstrations/electric-percent-sign-in-a-payload.ts",
    shown: [
      {
        checks: [
          "payload/any-json",
          "payload/reaches",
          "payload/reaches#after-eviction",
          "payload/reaches#after-reconnect",
        ],
        providers: ["livestore-electric"],
        anomalies: ["page-info-lie", "payload-bleed", "wrong-refusal"],
      },
    ],
  },
  {
    reason: "it knows no application and looks at no payload",
    demonstration: "providers/livestore/demonstrations/mock-takes-any-batch.ts",
    shown: [
      {
        checks: ["payload/rejected"],
        providers: ["livestore-mock"],
        anomalies: ["page-info-lie", "payload-bleed", "refused-but-stored", "wrong-refusal"],
      },
      {
        checks: ["payload/rejected#known-name"],
        providers: ["livestore-mock"],
        anomalies: ["payload-bleed", "refused-but-stored"],
      },
    ],
  },
]
