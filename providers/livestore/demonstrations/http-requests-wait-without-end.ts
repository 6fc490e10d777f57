import { chain, demonstrate, never } from "./lab.ts"

// No request has a time limit (push/settles-under-fault, push/ahead-then-pull): on a link that went silent a push, or
// the poll of a live pull, is waited for as long as the platform's fetch waits, five minutes on Node.
await demonstrate(
  "A push over HTTP on a link that is silent",
  async ({ relay, open, outcome }) => {
    const client = await open("store")
    await client.push(chain(0, 1), never)
    relay.freeze()
    return (await outcome("push", client.push(chain(1, 1), never), 30_000)) === "pending"
  },
  { transport: "http", storage: "do" },
)
