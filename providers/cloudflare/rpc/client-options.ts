import { harnessClientOptions } from "../capabilities.ts"
import type { ClientOptions } from "../client/options.ts"

/**
 * Times of a client in an object under the harness. Its heartbeat is an alarm: an idle object sleeps after 9 to 11 s,
 * so that both sides sleep for half of the time in between, and a loss shows within 20 s and the 3.5 s that an answer
 * may take.
 */
export const rpcClientOptions: Omit<ClientOptions, "clock"> = {
  ...harnessClientOptions,
  heartbeatMs: 20_000,
}
