import {
  makeDoRpcSync,
  makeHttpSync,
  makeWsSync,
  type HttpSyncOptions,
  type WsSyncOptions,
} from "@livestore/sync-cf/client"
import type { Clock } from "effect"
import type { AsyncOpenArgs, AsyncSyncProvider } from "../../contract/async.ts"
import { openClient } from "./open-client.ts"

/** What a WebSocket client is made with: its published options, and the clock that its fibers run on. */
export interface LivestoreClientOptions extends Pick<WsSyncOptions, "url" | "ping"> {
  readonly clock?: Clock.Clock
}

/** LiveStore's published WebSocket client for one store. */
export const openWsClient = (
  args: AsyncOpenArgs,
  { url, ping, clock }: LivestoreClientOptions,
): Promise<AsyncSyncProvider> => openClient(args, makeWsSync({ url, ...(ping && { ping }) }), clock && { clock })

/** LiveStore's published HTTP client for one store, which polls for what is new. */
export const openHttpClient = (
  args: AsyncOpenArgs,
  options: Pick<HttpSyncOptions, "url" | "ping" | "livePull">,
): Promise<AsyncSyncProvider> => openClient(args, makeHttpSync(options))

/** What LiveStore's RPC client says of itself, wherever it runs. */
export const rpcMetadata = async (): Promise<AsyncSyncProvider["metadata"]> => {
  const memory = { get: async () => undefined, set: async () => undefined, remove: async () => undefined }
  const nowhere = { bindingName: "", durableObjectId: "" }
  const make = makeDoRpcSync({ syncBackendStub: {} as never, durableObjectContext: nowhere })
  const client = await openClient({ storeId: "", clientId: "", memory }, make)
  await client.close()
  return client.metadata
}
