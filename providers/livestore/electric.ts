import { makeSyncBackend, type SyncBackendOptions } from "@livestore/sync-electric"
import type { AsyncOpenArgs, AsyncSyncProvider } from "../../contract/async.ts"
import { openClient } from "./open-client.ts"

/** LiveStore's published Electric client for one store. */
export const openElectricClient = (args: AsyncOpenArgs, options: SyncBackendOptions): Promise<AsyncSyncProvider> =>
  openClient(args, makeSyncBackend(options))

export { tableOf } from "./electric-api.ts"
