import { Effect, type Scope } from "effect"
import type { ClientMemory } from "../../../contract/client-memory.ts"
import type { Json } from "../../../contract/json.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import { keyOf, titleOf, type CloudflareForm } from "../form.ts"
import { requestBytes } from "../http-wire.ts"
import { frameBytes, storeKey } from "../wire.ts"
import { dialHttp } from "./http-link.ts"
import type { Dial } from "./link.ts"
import type { ClientOptions } from "./options.ts"
import { openSyncClient } from "./sync-client.ts"
import { dialWebSocket } from "./websocket-link.ts"

/** What a client is made with. `target` is read at each attempt to connect. */
export interface CloudflareClientArgs {
  readonly storeId: string
  readonly clientId: string
  /** Absent when no payload is handed over. */
  readonly payload?: Json
  readonly memory: ClientMemory
  /** The backend's form; the client names it in its metadata and speaks its transport. */
  readonly form: CloudflareForm
  readonly target: () => { readonly host: string; readonly port: number; readonly secure?: boolean }
  /** Dials in place of the transport's own way. */
  readonly dial?: Dial
  /** Default: `defaultClientOptions`. */
  readonly options?: Partial<ClientOptions>
}

/** A client of one store on the Cloudflare backend, over one connection. It ends with the scope. */
export const openCloudflareClient = Effect.fnUntraced(function* ({
  form,
  target,
  dial,
  ...args
}: CloudflareClientArgs): Effect.fn.Return<SyncProvider, never, Scope.Scope> {
  const key = yield* Effect.promise(() => storeKey(args.storeId))
  const overHttp = form.transport === "http"
  return yield* openSyncClient({
    ...args,
    name: keyOf(form),
    description: titleOf(form),
    dial: dial ?? (overHttp ? dialHttp : dialWebSocket),
    ...(overHttp ? { batchFrames: { frameBytes: requestBytes - frameBytes, frames: 1 } } : {}),
    url: () => {
      const { host, port, secure = false } = target()
      return `${overHttp ? "http" : "ws"}${secure ? "s" : ""}://${host}:${port}/sync/${key}`
    },
  })
})
