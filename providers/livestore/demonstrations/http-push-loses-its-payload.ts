import { chain, demonstrate, never } from "./lab.ts"

// The hook of a push over HTTP is called without the payload (payload/reaches): http-rpc-server.ts hands `undefined` to
// it, so that an application that looks at payloads there refuses everybody, or nobody.
await demonstrate(
  "What the push hook is told over HTTP",
  async ({ host, open, say }) => {
    const client = await open("store", { payload: { user: "ada" } })
    await client.push(chain(0, 1), never)
    const push = (await host.app?.seen("store"))?.find(({ hook }) => hook === "push")
    say(`the push hook saw ${JSON.stringify(push)}`)
    return push !== undefined && push.payload === undefined
  },
  { transport: "http", storage: "do" },
)
