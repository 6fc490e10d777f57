import type { AsyncHost } from "./async-host.ts"
import { fromAsync, type CapabilitiesInput } from "./from-async.ts"
import {
  openSyncBackend,
  type SyncBackendConstructor,
  type SyncBackendOptions,
} from "./sync-backend/open-sync-backend.ts"
import type { Provider } from "../contract/provider.ts"

/** A provider's own words about itself, with what its constructor is run with and what its host offers beside it. */
export interface FromSyncBackendOptions extends SyncBackendOptions, Omit<AsyncHost, "open"> {
  readonly key: string
  /** One line for people. */
  readonly title: string
  /** Default: what LiveStore's own errors can say, and the contract's limits and times. */
  readonly capabilities?: CapabilitiesInput
  /** Says what is missing on this machine and how to get it; undefined when nothing is. */
  readonly missing?: () => Promise<string | undefined>
}

/**
 * Makes a provider of LiveStore's own kind of constructor, run with its author's own Effect, 3 or 4.
 *
 * ```ts
 * import * as effect from "effect"
 *
 * export default fromSyncBackend(({ address, ...args }) => makeMySync({ url: `ws://${address?.host}` })(args), {
 *   effect,
 *   key: "mine",
 *   title: "My sync backend",
 * })
 * ```
 */
export const fromSyncBackend = (
  make: SyncBackendConstructor,
  { effect, ahead, capabilities, ...options }: FromSyncBackendOptions,
): Provider =>
  fromAsync({
    // A runtime of its own: what an interruption waits for is its affair, and shows.
    interruption: "settled",
    ...options,
    capabilities: { errors: "livestore", ...capabilities },
    open: (args) => openSyncBackend(make, args, { effect, ...(ahead && { ahead }) }),
  })
