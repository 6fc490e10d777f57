import { chain, demonstrate, never } from "./lab.ts"

// A batch is written in statements of 14 events without a transaction (push/atomic): when a later one fails, what came
// before it stays, beyond the head that the object knows, and the store takes nothing any more.
await demonstrate(
  "A batch of 20 on D1 whose second statement fails",
  async ({ host, open, outcome, say }) => {
    const client = await open("store")
    await client.push(chain(0, 1), never)
    await host.storage?.failWrite?.("store", 2)
    await outcome("push of 20", client.push(chain(1, 20), never), 8_000)
    const stored = ((await host.inspect?.("store")) ?? []).length
    say(`${stored} events are stored`)
    await outcome("the same push again", client.push(chain(1, 20), never), 8_000)
    return stored > 1 && stored < 21
  },
  { transport: "ws", storage: "d1" },
)
