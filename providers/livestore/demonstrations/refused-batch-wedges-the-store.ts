import { chain, demonstrate, never } from "./lab.ts"

// A refused batch must leave nothing behind (push/broken-chain, push/atomic). Events are inserted 14 at a time without
// a transaction: the first 14 stay and are pulled, the head stays 0, and no push on it succeeds ever again.
await demonstrate(
  "A batch whose 15th event repeats the number of its 14th",
  async ({ host, open, read, outcome, say }) => {
    const client = await open("store")
    await client.connect(never)
    await outcome("the batch", client.push([...chain(0, 14), ...chain(13, 1)], never), 3_000)
    const stored = ((await host.inspect?.("store")) ?? []).length
    say(`${stored} events of it are stored`)
    const pulled = read(client, { live: false })
    await pulled.until(() => pulled.ended() !== undefined, 3_000)
    say(`${pulled.seqNums().length} events of it are pulled`)
    const next = await outcome("a good batch on parent 0", client.push(chain(0, 1), never), 3_000)
    return stored > 0 && next !== "succeeded"
  },
)
