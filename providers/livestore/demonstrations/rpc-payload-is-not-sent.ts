import { chain, demonstrate, never } from "./lab.ts"

// The client sends its payload with pings alone, and no hook hears those: the application is never asked who it is
// (payload/reaches, payload/rejected).
await demonstrate(
  "A client object whose payload the application refuses",
  async ({ host, open, outcome, say }) => {
    const client = await open("store", { payload: { token: "reject" } })
    const end = await outcome("push", client.push(chain(0, 1), never), 5_000)
    say(`the hooks saw ${JSON.stringify(await host.app?.seen("store"))}`)
    return end === "succeeded"
  },
  { transport: "do-rpc", storage: "do" },
)
