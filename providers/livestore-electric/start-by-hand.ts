import { Effect, Exit, Scope } from "effect"
import type { EventEncoded } from "../../contract/event.ts"
import { startEmbeddedPair } from "../electric/embedded-pair.ts"
import { startLivestoreElectric } from "./host.ts"

/** The endpoint before Postgres and the shape server, for scripts that do without the harness. */
export interface HostByHand {
  readonly target: () => { readonly host: string; readonly port: number }
  /** Electric forgets the store's shape, as it does when it cleans up or its storage is lost. */
  readonly forgetShape: (storeId: string) => Promise<void>
  /** Takes every row of the store away. */
  readonly wipe: (storeId: string) => Promise<void>
  /** What lies in the store's table. */
  readonly stored: (storeId: string) => Promise<ReadonlyArray<EventEncoded>>
  readonly stop: () => Promise<void>
}

export const startByHand = async (): Promise<HostByHand> => {
  const scope = Scope.makeUnsafe()
  const host = await Effect.runPromise(
    Scope.provide(
      Effect.flatMap(startEmbeddedPair(), (pair) => startLivestoreElectric(pair)),
      scope,
    ),
  )
  const { endpoint, process, storage, inspect } = host
  return {
    target: () => (endpoint?.kind === "tcp" ? endpoint.target() : { host: "127.0.0.1", port: 0 }),
    forgetShape: (storeId) => Effect.runPromise(process?.evict?.(storeId, "close") ?? Effect.void),
    wipe: (storeId) => Effect.runPromise(storage?.wipe?.(storeId) ?? Effect.void),
    stored: (storeId) => Effect.runPromise(inspect?.(storeId) ?? Effect.succeed([])),
    stop: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  }
}
