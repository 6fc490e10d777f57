import type { AsyncCursor, AsyncPullItem, AsyncSyncProvider } from "../../../contract/async.ts"
import type { Json } from "../../../contract/json.ts"
import { startByHand, type HostByHand } from "../../livestore-electric/start-by-hand.ts"
import { openElectricClient } from "../electric.ts"
import { clockedSay, memoryOf, never, outcomeWith, read, type Lab } from "./lab.ts"
import { startRelay, type Relay } from "./relay.ts"
import { closing, inRounds } from "./rounds.ts"

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
  const round = async (n: number): Promise<boolean> => {
    const relay = await startRelay(host.target)
    const { keep, close } = closing()
    try {
      return await run(labOf(withNames(host, n), relay, keep, n))
    } finally {
      await close()
      await relay.stop()
    }
  }
  try {
    await inRounds(round)
  } finally {
    await host.stop()
  }
  // LiveStore's clients may have timers left; nothing of them is of use any more.
  process.exit()
}

/** Each round has stores of its own: Electric serves the rows of a table that was dropped for a while. */
const nameIn = (n: number, storeId: string): string => (n === 0 ? storeId : `${storeId}-${n}`)

const withNames = (host: HostByHand, n: number): HostByHand => ({
  ...host,
  forgetShape: (storeId) => host.forgetShape(nameIn(n, storeId)),
  wipe: (storeId) => host.wipe(nameIn(n, storeId)),
  stored: (storeId) => host.stored(nameIn(n, storeId)),
})

const labOf = (host: HostByHand, relay: Relay, keep: ReturnType<typeof closing>["keep"], n: number): ElectricLab => {
  const say = clockedSay()
  return {
    open: (storeId, { payload } = {}) =>
      keep(
        openElectricClient(
          {
            storeId: nameIn(n, storeId),
            clientId: "demo",
            memory: memoryOf(),
            ...(payload !== undefined && { payload }),
          },
          { endpoint: `http://127.0.0.1:${relay.address.port}/api/electric` },
        ),
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
  }
}
