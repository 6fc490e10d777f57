import type { Build } from "../known-failure.ts"

/** The build of each provider with deviations. Written by "gauntlet deviations --write". */
export const builds: ReadonlyArray<Build> = [
  {
    provider: "livestore-cf-do-rpc-d1",
    fingerprint: "@livestore/sync-cf@0.4.0 workerd 1.20260730.1",
    expires: "2027-02-20",
  },
  {
    provider: "livestore-cf-do-rpc-do",
    fingerprint: "@livestore/sync-cf@0.4.0 workerd 1.20260730.1",
    expires: "2027-02-20",
  },
  {
    provider: "livestore-cf-http-d1",
    fingerprint: "@livestore/sync-cf@0.4.0 workerd 1.20260730.1",
    expires: "2027-02-20",
  },
  {
    provider: "livestore-cf-http-do",
    fingerprint: "@livestore/sync-cf@0.4.0 workerd 1.20260730.1",
    expires: "2027-02-20",
  },
  {
    provider: "livestore-cf-ws-d1",
    fingerprint: "@livestore/sync-cf@0.4.0 workerd 1.20260730.1",
    expires: "2027-02-20",
  },
  {
    provider: "livestore-cf-ws-do",
    fingerprint: "@livestore/sync-cf@0.4.0 workerd 1.20260730.1",
    expires: "2027-02-20",
  },
  {
    provider: "livestore-electric",
    fingerprint: "@livestore/sync-electric@0.4.0 sync-gauntlet-shape-server 0.1 on PostgreSQL 18.4",
    expires: "2027-02-21",
  },
  {
    provider: "livestore-mock",
    fingerprint: "@livestore/common@0.4.0",
    expires: "2027-02-20",
  },
]
