import type { ClientOptions } from "../client/options.ts"

/**
 * Times of a client in an object under the harness. Its heartbeat is an alarm: an idle object sleeps after 9 to 11 s,
 * so that both sides sleep for half of the time in between, and a loss shows within 20 s and the 3.5 s that an answer
 * may take.
 */
export const rpcClientOptions: Omit<ClientOptions, "clock"> = {
  heartbeatMs: 20_000,
  connectTimeoutMs: 4_000,
  answerTimeoutMs: 5_000,
  repeatPageMs: 1_000,
  operationTimeoutMs: 9_000,
  resumeMs: 3_000,
  firstPauseMs: 300,
  longestPauseMs: 4_000,
  recheckMs: 60_000,
}
