import type { AsyncCursor, AsyncPullItem, AsyncSyncProvider } from "../../../contract/async.ts"
import type { Json } from "../../../contract/json.ts"
import { startByHand, type HostByHand } from "../../livestore-electric/start-by-hand.ts"
import { openElectricClient } from "../electric.ts"
import { memoryOf, never, outcomeWith, read, type Lab } from "./lab.ts"
import { startRelay, type Relay } from "./relay.ts"

/** Postgres, the shape server, the documented endpoint, and LiveStore's Electric clients in this process. */
export interface ElectricLab {
  readonly open: (storeId: string, options?: { readonly payload?: Json }) => Promise<AsyncSyncProvider>
  readonly read: Lab["read"]
  /** Every item of a finite pull. */
  readonly pulled: (client: AsyncSyncProvider, cursor?: AsyncCursor) => Promise<ReadonlyArray<AsyncPullItem>>
  readonly relay: Relay
  readonly outcome: Lab["outcome"]
  readonly say: Lab["say"]
  readonly host: HostByHand
}

/** Runs a demonstration in a lab of its own and sets the exit code: 0 when the failure shows, 1 when it does not. */
export const demonstrateElectric = async (
  title: string,
  run: (lab: ElectricLab) => Promise<boolean>,
): Promise<void> => {
  console.log(title)
  const host = await startByHand()
  const relay = await startRelay(host.target)
  const startedMs = performance.now()
  const say = (text: string): void =>
    console.log(`${String(Math.round(performance.now() - startedMs)).padStart(6)} ms  ${text}`)
  try {
    const shows = await run({
      open: (storeId, { payload } = {}) =>
        openElectricClient(
          { storeId, clientId: "demo", memory: memoryOf(), ...(payload !== undefined && { payload }) },
          { endpoint: `http://127.0.0.1:${relay.address.port}/api/electric` },
        ),
      read,
      pulled: async (client, cursor) => {
        const items: Array<AsyncPullItem> = []
        for await (const item of client.pull(cursor, { live: false }, never)) items.push(item)
        return items
      },
      relay,
      outcome: outcomeWith(say),
      say,
      host,
    })
    say(shows ? "The failure shows." : "The failure does not show.")
    process.exitCode = shows ? 0 : 1
  } finally {
    await relay.stop()
    await host.stop()
  }
  // LiveStore's clients may have timers left; nothing of them is of use any more.
  process.exit()
}
