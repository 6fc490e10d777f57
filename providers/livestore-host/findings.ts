import { electricFindings } from "../livestore-electric/findings.ts"

/** One failure of LiveStore's published packages, shown by one script by hand. */
export interface Finding {
  /** The script, without folder and ending. */
  readonly demonstration: string
  /** What goes wrong, in one sentence. */
  readonly what: string
  /** Files and places in LiveStore's source, under packages/@livestore. */
  readonly source: ReadonlyArray<string>
  /** What a working copy without it showed, and how much of what fails hangs on it. */
  readonly mended?: string
  /** What about it is not sure, and why. */
  readonly doubtful?: string
  /** Why the clause asks for more though people noticed nothing where that was tried. */
  readonly unnoticed?: string
}

/** By the script: nobody noticed these in the apps that were tried, and the contract forbids them all the same. */
const unnoticed: Readonly<Record<string, string>> = {
  "large-batch-is-not-atomic":
    "what one commit changed arrives in parts: the app that was tried has no rule that spans two messages, and no client went away between two parts. Another one has shown half a transaction by then.",
  "http-race-meets-the-table":
    "a leader rebases when it is told ServerAhead. Here the live pull brought the winner's events anyway; where it lags, nothing tells the loser what to do.",
  "lost-frames-are-waited-for":
    "the push had been stored, and the live pull brought it back. Where the request is what was lost, nobody ends the wait (`converge/under-faults#lost-requests`).",
  "cut-push-is-unknown":
    "an error without a name does not say whether to try again, and the leader takes one in a pull for the end. No clause is broken: after a cut, a push is indefinite whatever it is called.",
  "connect-and-ping-succeed-offline":
    "the app that was tried does not show whether it is connected. One that does says so to people whose messages go nowhere.",
  "recovery-decays":
    "the wait doubles with each loss and never begins afresh: the five of that day were too few to be waited for, and a laptop that sleeps and wakes comes to many more.",
}

const ws = "sync-cf/src/client/transport/ws-rpc-client.ts"
const http = "sync-cf/src/client/transport/http-rpc-client.ts"
const rpc = "sync-cf/src/client/transport/do-rpc-client.ts"
const push = "sync-cf/src/cf-worker/do/push.ts"
const pull = "sync-cf/src/cf-worker/do/pull.ts"
const storage = "sync-cf/src/cf-worker/do/sync-storage.ts"
const object = "sync-cf/src/cf-worker/do/durable-object.ts"
const layer = "sync-cf/src/cf-worker/do/layer.ts"
const httpServer = "sync-cf/src/cf-worker/do/transport/http-rpc-server.ts"
const rpcServer = "sync-cf/src/cf-worker/do/transport/do-rpc-server.ts"
const rpcWire = "common-cf/src/do-rpc/client.ts"
const chunking = "common/src/sync/transport-chunking.ts"
const mock = "common/src/sync/mock-sync-backend.ts"

const finding = (demonstration: string, what: string, source: ReadonlyArray<string>, doubtful?: string): Finding => ({
  demonstration,
  what,
  source,
  ...(doubtful === undefined ? {} : { doubtful }),
  ...(unnoticed[demonstration] === undefined ? {} : { unnoticed: unnoticed[demonstration] }),
})

/**
 * What was found in LiveStore 0.4.0: the Cloudflare backend first, then what belongs to one of its transports or
 * storages, then the mock and Electric.
 */
export const findings: ReadonlyArray<Finding> = [
  finding("live-join-delivers-out-of-order", "A pull beside pushes gives events twice and out of order.", [
    `${push}: broadcasts to every registered pull, also to one that still reads its history`,
    `${object}: onMessage registers a pull before its history is read`,
  ]),
  finding("broken-chains-are-stored", "Batches that are no chain, and numbers below one, are stored.", [
    `${push}: compares the first parent with the head and nothing else`,
  ]),
  finding(
    "refused-batch-wedges-the-store",
    "A batch that fails leaves its first events behind, and the store takes nothing any more.",
    [`${storage}: appendEventsDoSqlite inserts 14 events a statement without a transaction`],
  ),
  finding("failed-statement-wedges-the-store", "After a statement that failed, head and log disagree for ever.", [
    `${storage}: appendEventsDoSqlite; ${layer}: updateCurrentHead`,
  ]),
  finding("d1-batch-is-stored-in-part", "On D1 a batch is stored in part when a later statement of it fails.", [
    `${storage}: appendEventsD1 runs each statement of 14 events by itself`,
  ]),
  finding("d1-stores-share-a-table", "On D1 stores with similar names share one log.", [
    `${storage}: toValidTableName, and SQLite's table names know no case`,
  ]),
  finding(
    "large-batch-is-not-atomic",
    "A batch that is large is sent and stored in parts, each of which is taken or refused alone.",
    [`${ws}, ${http}, ${rpc}: push; ${chunking}`],
  ),
  finding("slow-hook-forks-the-log", "Of pushes that race behind a slow hook several are acknowledged on one parent.", [
    `${push}: takes currentHeadRef before the hook runs; ${layer}: updateCurrentHead puts another ref in its place`,
  ]),
  finding(
    "slow-hook-hides-server-ahead",
    "The loser of a race with a slow hook meets the table's own error in place of ServerAhead.",
    [`${push}: takes currentHeadRef before the hook runs`],
  ),
  finding(
    "http-race-meets-the-table",
    "Over HTTP the loser of any race may meet the table's own error in place of ServerAhead.",
    [`${httpServer}: each request has its own handlers; ${push}: currentHeadRef; ${layer}: updateCurrentHead`],
  ),
  finding(
    "cursor-past-the-head-is-not-noticed",
    "A cursor past the head is taken for one at the head, also after a restore.",
    [`${pull}: compares backendIds, not numbers`],
  ),
  finding("cursor-of-a-client-that-only-pushed-dies", "The cursor of a client that has only pushed kills the pull.", [
    `${ws}, ${http}, ${rpc}: pull takes the backendId with Option.getOrThrow, and push keeps none`,
  ]),
  finding("new-life-is-adopted", "A client that only pushed takes over the identity of a wiped backend.", [
    `${ws}, ${http}: push sends no backendId that it has not pulled; pull without a cursor overwrites it`,
  ]),
  finding("absent-args-become-null", "Absent arguments come back as null.", [
    `${storage}: appendEvents writes null, decodeEventlogRows reads it as a value`,
  ]),
  finding("unencodable-batches-die", "Arguments that have no JSON kill the push in place of failing it.", [
    `${chunking}: splitChunkBySize measures with JSON.stringify`,
  ]),
  finding("poison-event-blocks-every-pull", "An event just under the limit is taken and no pull can give it.", [
    `${pull}, ${chunking}: a page's frame is larger than the request's`,
  ]),
  finding(
    "half-open-leaves-live-pull-silent",
    "What was in flight, and live pulls, stay silent for ever after the WebSocket was made again.",
    [`${ws}: layerProtocolSocketWithIsConnected connects again and sends no open request again`],
  ),
  finding(
    "lost-frames-are-waited-for",
    "A push waits for ever for an answer that was lost, and a refusal tells a live pull nothing.",
    [`${ws}: no operation has a time limit`],
  ),
  finding("stripped-answer-is-waited-for", "An answer that lost its members is waited for without end.", [
    `${ws}: a message that names no request is dropped`,
  ]),
  finding(
    "garbage-ends-a-pull-for-good",
    "A message that cannot be read ends live pulls with an unknown error, after which LiveStore's leader stops.",
    [`${ws}: pull maps all but socket errors to UnknownError`],
  ),
  finding("cut-push-is-unknown", "A push that is cut fails with an unknown error where a pull is told IsOffline.", [
    `${ws}: push maps every other error to UnknownError`,
  ]),
  finding("connect-and-ping-succeed-offline", "connect and ping succeed while nobody answers.", [
    `${ws}: ping turns its timeout into success`,
  ]),
  finding("http-connect-succeeds-on-a-silent-link", "Over HTTP connect and ping succeed on a silent link.", [
    `${http}: ping turns its timeout into success`,
  ]),
  finding("recovery-decays", "Each loss of the WebSocket doubles the wait before the next attempt.", [
    `${ws}: retryTransientErrors is not begun afresh after success`,
  ]),
  finding(
    "heartbeat-ends-healthy-connections",
    "The heartbeat ends healthy connections now and then on Node.",
    [`${ws}: pingSchedule on Schedule.fixed`],
    "Node's timers fire early; browsers' do not.",
  ),
  finding("interruption-waits-for-the-link", "An interrupted push waits until the client has tried to connect.", [
    `${ws}: the interruption is sent and waited for`,
  ]),
  finding(
    "rejected-payload-hangs",
    "With a rejected payload connect succeeds, and operations hang while the client tries for ever.",
    [`sync-cf/src/cf-worker/worker.ts: handleSyncRequest answers 400; ${ws}: retries every failed handshake`],
  ),
  finding("revoked-payload-keeps-receiving", "A live pull goes on after its payload was revoked.", [
    `${push}: the broadcast asks no hook`,
  ]),
  finding("payload-loses-its-proto-key", "A payload loses its __proto__ key.", [
    "sync-cf/src/common/mod.ts: SearchParamsSchema",
  ]),
  finding("closed-client-leaves-its-connection", "A closed client leaves its connection open for about 11 s.", [
    "common-cf/src/ws-rpc/ws-rpc-server.ts: webSocketClose answers no close",
  ]),
  finding(
    "pulls-fill-the-socket-attachment",
    "Every pull leaves its request in the socket's attachment, which has a limit.",
    [`${object}: onMessage takes a request out only when it is interrupted`],
  ),
  finding("object-never-hibernates", "An object that has served a pull over WebSocket never hibernates.", [
    "sync-cf/src/cf-worker/do/transport/ws-rpc-server.ts: Stream.never keeps a live pull's fiber",
  ]),
  finding(
    "http-errors-are-never-offline",
    "Over HTTP a lost link, a refusal and a restart are unknown errors, after which LiveStore's leader stops.",
    [`${http}: pull and push map every other error to UnknownError`],
  ),
  finding(
    "http-heartbeat-ends-with-the-first-failure",
    "Over HTTP isConnected keeps its last value once a heartbeat has failed.",
    [`${http}: Effect.repeat ends with the first failure of ping`],
  ),
  finding(
    "http-requests-wait-without-end",
    "Over HTTP a request whose answer does not come is waited for as long as fetch waits.",
    [`${http}: only ping has a timeout`],
  ),
  finding("http-answer-that-is-no-array-dies", "Over HTTP an answer that is JSON and no list kills the operation.", [
    "@effect/rpc, RpcClient.layerProtocolHttp, as LiveStore uses it",
  ]),
  finding(
    "http-log-comes-in-one-answer",
    "Over HTTP the whole log is one answer, which an interruption does not stop.",
    [`${http}: RpcSerialization.layerJson has no frames`],
    "How much of an answer a platform still takes in after the request was given up is its own affair.",
  ),
  finding("http-push-loses-its-payload", "Over HTTP the push hook is called without the payload.", [
    `${httpServer}: makePush({ payload: undefined, … })`,
  ]),
  finding("http-refuses-store-names", "Over HTTP a store whose name is beyond Latin-1 cannot be used.", [
    `${http}: the header x-livestore-store-id`,
  ]),
  finding("rpc-second-live-pull-silences-the-first", "Over RPC the backend knows one live pull of a store, the last.", [
    `${rpcServer}: rpcSubscriptions.set(req.storeId, …)`,
  ]),
  finding(
    "rpc-eviction-silences-live-pulls",
    "Over RPC live pulls stay open and silent once the backend's object has slept.",
    [`${layer}: rpcSubscriptions lies in memory`],
  ),
  finding(
    "rpc-broken-stub-is-kept",
    "Over RPC a client keeps the stub of an object that was reset, and each call is a defect.",
    [`${rpc}: syncBackendStub is given once; ${rpcWire}: Effect.orDie`],
  ),
  finding("rpc-payload-is-not-sent", "Over RPC no hook is told the payload, and nobody is refused.", [
    `${rpc}: pull and push send no payload`,
  ]),
  finding("rpc-changes-arguments", "Over RPC a __proto__ key is renamed and half a pair of surrogates replaced.", [
    `${rpcWire}: RpcSerialization.msgPack`,
  ]),
  finding("rpc-interrupted-live-pull-stays-registered", "Over RPC an interrupted live pull stays registered.", [
    `${pull}: "If the client sends a Interrupt RPC message, TODO"`,
  ]),
  finding(
    "rpc-live-join-loses-events",
    "Over RPC what is pushed while a live pull goes over from history to live is lost.",
    [`${rpc}: the mailbox is registered after the last page, and handleSyncUpdateRpc drops what has none`],
  ),
  finding("rpc-client-is-always-connected", "Over RPC a client says from its first moment on that it is connected.", [
    `${rpc}: isConnected is made true, and nothing sets it`,
  ]),
  finding(
    "rpc-long-log-loses-pages",
    "Over RPC pulls of several pages at once lose events, fail, or never end.",
    [`${rpcWire}: processReadableStream reads all answers with one parser`],
    "That it fails is sure; where it comes from is read and not tried: no working copy without it was made.",
  ),
  finding("mock-live-pull-has-no-history", "The mock's live pulls give no history and share one queue.", [
    `${mock}: pullLive ignores the cursor and takes from syncPullQueue`,
  ]),
  finding(
    "mock-takes-any-batch",
    "The mock stores what stands on no head, in any order and of any size, and dies of an empty batch.",
    [`${mock}; common/src/sync/validate-push-payload.ts`],
    "It has no limits to be held to, and no application that could refuse a payload: those entries say that it stands in for no backend, not that it is broken.",
  ),
  ...electricFindings,
]
