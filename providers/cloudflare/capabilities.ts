import type { Capabilities, Times } from "../../contract/capabilities.ts"
import type { ClientOptions } from "./client/options.ts"
import { limits } from "./core/limits.ts"
import type { CloudflareForm } from "./form.ts"

/** Short times for the harness, so that checks of lost connections end soon. Production has `defaultClientOptions`. */
export const harnessClientOptions: Omit<ClientOptions, "clock"> = {
  heartbeatMs: 1_000,
  connectTimeoutMs: 4_000,
  answerTimeoutMs: 5_000,
  repeatPageMs: 1_000,
  operationTimeoutMs: 9_000,
  resumeMs: 3_000,
  firstPauseMs: 300,
  longestPauseMs: 4_000,
  recheckMs: 60_000,
}

const transports = { ws: "websocket", http: "http", "do-rpc": "do-rpc" } as const
const storages = { do: "do-sqlite", d1: "d1" } as const

const times: Times = {
  // An operation ends within 9 s; the rest is room for a busy machine.
  deadlineMs: 10_000,
  // A silent link: two heartbeats of 1 s and the tick that counts them. A backend that owes an answer: 5 s.
  detectionMs: 6_000,
  // The longest pause (4.4 s) and an attempt that hung when the link healed (4 s).
  recoveryMs: 9_000,
  // News that were lost come with the next heartbeat (1 s), a page that was lost is asked for again after 1 s.
  deliveryMs: 3_000,
  // workerd lets an idle object sleep after 9 to 11 s.
  idleMs: 13_000,
}

/** Between objects there is no connection: each sign of life is a call that wakes the other one. */
const timesOverRpc: Times = {
  ...times,
  // A heartbeat each 20 s and the 3.5 s in which it has to be answered; early after the client was used.
  detectionMs: 26_000,
  // News that were lost are sent again after 0.3, 1 and 2.5 s.
  deliveryMs: 4_000,
  idleMs: 30_000,
}

/** After its last heartbeat for what it was used for, 4.5 s later, an object sleeps within 11 s. */
const hibernatesOverRpcMs = 17_000

/** How many live pulls one store is known to serve beside each other, on two cores with the clients on them too. */
const livePullsOf = ({ transport, storage }: CloudflareForm): number => {
  // Each client over RPC is an object of its own, with storage of its own.
  if (transport === "do-rpc") return 200
  // Each commit costs each of them a request. A push to D1 takes so long that those of one commit seldom serve the next.
  return transport === "http" && storage === "d1" ? 500 : 1_000
}

/** What a form promises with those times. */
export const capabilitiesOf = ({ transport, storage }: CloudflareForm): Capabilities => ({
  errors: "full",
  transport: transports[transport],
  storage: storages[storage],
  limits,
  times: transport === "do-rpc" ? timesOverRpc : times,
  supports: { pullPageInfoKnown: true, pullLive: true },
  pushWhileOffline: "fails",
  livePulls: livePullsOf({ transport, storage }),
  // A held request keeps its object in memory, and its state there.
  ...(transport === "http"
    ? {}
    : { attachmentBytes: 2_048, hibernatesAfterMs: transport === "do-rpc" ? hibernatesOverRpcMs : 11_000 }),
  // A Durable Object's own SQLite has no await that could be slow.
  ...(storage === "d1" ? { faults: ["storage.slow"] } : {}),
})
