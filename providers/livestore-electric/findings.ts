import type { Finding } from "../livestore-host/findings.ts"

const client = "sync-electric/src/index.ts"
const url = "sync-electric/src/make-electric-url.ts"
const leader = "common/src/leader-thread/LeaderSyncProcessor.ts"
const page = "docs, sync providers, ElectricSQL"
const example = "examples/web-todomvc-sync-electric/src/server/db.ts"

const isTheApplications = "The endpoint is the application's; this is what the documentation and its example say to do."

/** What was found in LiveStore's Electric client 0.4.0 and in the endpoint that its documentation describes. */
export const electricFindings: ReadonlyArray<Finding> = [
  {
    demonstration: "electric-no-more-comes-after-20-seconds",
    what: "Over Electric a pull ends without NoMore, and a live pull says it only when a long poll ran out, 20 s later; until then LiveStore's leader takes no local push.",
    source: [
      `${client}: pull gives MoreUnknown with every item that has events, and nothing when Electric is up to date`,
      `${leader}: localPushBackendPullMutex is held until NoMore`,
    ],
    mended:
      "It is why nearly every check fails: 186 of the 194 that do in a quick run have page-info-lie among their anomalies, and 36 have nothing else. In a working copy (`--livestore-path`) whose pull says NoMore with the answer that carries Electric's `up-to-date`, whatever else is in it, and polls live only from there on, 3 checks still have it, 64 of the 194 pass, and 42 of those that are left fail of the errors without names alone. (One run, on a busy machine: 24 checks were not judged.)",
  },
  {
    demonstration: "electric-no-more-comes-before-the-log",
    what: "Over Electric a pull says NoMore and then gives the log, where the store was empty when it was first pulled.",
    source: [`${client}: pull gives NoMore with the first answer that has no rows, whatever Electric says in it`],
  },
  {
    demonstration: "electric-no-head-is-checked",
    what: "Over Electric whatever has a number that is free is stored, on any parent and in any order.",
    source: [`${page}: createEvents inserts`, `${example}: the primary key is the only condition`],
    doubtful: isTheApplications,
  },
  {
    demonstration: "electric-failures-have-no-name",
    what: "Over Electric every failure is an unknown error, also that of a push that lost, after which LiveStore's leader neither rebases nor tries again.",
    source: [`${client}: push and runPull map every error to UnknownError`],
  },
  {
    demonstration: "electric-lost-shape-kills-pulls",
    what: "When Electric no longer has a shape, every pull of a client that knew it dies with a defect, for good.",
    source: [`${client}: runPull, status 409, notYetImplemented`],
  },
  {
    demonstration: "electric-cursor-stands-at-its-pages-end",
    what: "Over Electric every event of a page carries the offset at the page's end, so that a pull from the middle of one skips the rest; a cursor without metadata gives the whole log.",
    source: [`${client}: runPull gives nextHandle as the metadata of each item`],
  },
  {
    demonstration: "electric-snapshot-has-no-order",
    what: "Over Electric a snapshot's events come in the order in which they lie in Postgres.",
    source: [`${client}: runPull hands rows on as they come`],
  },
  {
    demonstration: "electric-jsonb-changes-arguments",
    what: "Over Electric absent arguments become null, and a zero character or half a pair of surrogates cannot be stored.",
    source: [`${url}: the documented column "args" is JSONB NOT NULL`],
  },
  {
    demonstration: "electric-push-carries-no-payload",
    what: "Over Electric pushes and pings carry no payload: nobody can be refused who pushes.",
    source: [`${client}: push sends storeId and batch; ApiSchema.PushPayload has no payload`],
  },
  {
    demonstration: "electric-percent-sign-in-a-payload",
    what: "Over Electric a percent sign in a payload or in a store's name fails every pull.",
    source: [`${url}: searchParams are unescaped already, and ArgsSchema unescapes them again`],
  },
  {
    demonstration: "electric-stores-share-a-table",
    what: "Over Electric stores with similar names share one log.",
    source: [`${url}: toTableName`],
  },
  {
    demonstration: "electric-new-life-is-adopted",
    what: "Over Electric a backend has no identity: a client pushes into a new life as if it were the old one.",
    source: [`${client}: no backendId is sent, kept or compared`],
  },
  {
    demonstration: "electric-ping-lies",
    what: "Over Electric a ping that is not answered succeeds, and one that fails leaves isConnected as it was and ends the heartbeat.",
    source: [`${client}: ping catches TimeoutException, and repeats until its first failure`],
  },
  {
    demonstration: "electric-requests-wait-without-end",
    what: "Over Electric a request whose answer does not come is waited for as long as fetch waits.",
    source: [`${client}: only ping has a timeout`],
  },
  {
    demonstration: "electric-first-pulls-race",
    what: "Over Electric first pulls of a store at once fail: each makes the store's table.",
    source: [`${page}: needsInit, migrate`, `${example}: CREATE TABLE IF NOT EXISTS`],
    doubtful: isTheApplications,
  },
]
