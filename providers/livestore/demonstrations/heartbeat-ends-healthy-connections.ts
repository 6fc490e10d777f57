import { Clock } from "effect"
import { openWsClient } from "../client.ts"
import { demonstrate, never, pause } from "./lab.ts"

const clients = 20
const intervalMs = 500
const watchedMs = 30_000

// A healthy connection stays (push/definite-when-healthy, conn/status-honest). On Node's own timers the heartbeat now
// and then sends two pings within a few milliseconds: a timer that fires early leaves `Schedule.fixed` a moment short of
// its boundary, and it comes again at the boundary. The second ping finds no answer to the first and takes the
// connection for dead; what was in flight or live on it is never answered. On a clock that is never early none ends.
await demonstrate("Idle connections, a heartbeat every half second", async ({ host, say }) => {
  const address = host.endpoint?.target()
  let lost = 0
  for (let n = 0; n < clients; n++) {
    const client = await openWsClient(
      {
        storeId: `store-${n}`,
        clientId: "demo",
        memory: { get: async () => undefined, set: async () => {}, remove: async () => {} },
      },
      {
        url: `http://${address?.host}:${address?.port}`,
        ping: { requestInterval: intervalMs, requestTimeout: 5_000 },
        clock: Clock.make(),
      },
    )
    await client.connect(never)
    let connected = true
    client.onConnectedChange((now) => {
      if (connected && !now) lost += 1
      connected = now
    })
  }
  await pause(watchedMs)
  say(`${clients * (watchedMs / intervalMs)} heartbeats ended ${lost} healthy connections`)
  return lost > 0
})
