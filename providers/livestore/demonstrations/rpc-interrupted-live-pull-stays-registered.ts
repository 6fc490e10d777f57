import { demonstrate, pause } from "./lab.ts"

// Nothing takes a registration back (live/interrupt): pull.ts says "TODO".
await demonstrate(
  "A live pull over RPC that was interrupted",
  async ({ host, open, read, say }) => {
    const client = await open("store")
    const live = read(client, { live: true })
    await live.until(() => live.items.length > 0, 5_000)
    live.stop()
    await pause(5_000)
    const { subscriptions } = (await host.gauges?.("store")) ?? {}
    say(`5 s later the backend has ${subscriptions} registration`)
    return subscriptions === 1
  },
  { transport: "do-rpc", storage: "do" },
)
