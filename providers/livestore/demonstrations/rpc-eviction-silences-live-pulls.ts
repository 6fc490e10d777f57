import { chain, demonstrate, never } from "./lab.ts"

// Registrations lie in the memory of the backend's object. After it slept it knows none, and nobody tells the clients
// (live/after-restart, life/evict): their live pulls stay open and silent.
await demonstrate(
  "A live pull whose backend object was taken out of memory, as after ten idle seconds",
  async ({ host, open, read, say }) => {
    const client = await open("store")
    const live = read(client, { live: true })
    await live.until(() => live.items.length > 0, 5_000)
    await client.push(chain(0, 1), never)
    await live.until(() => live.seqNums().length === 1, 5_000)
    await host.process?.evict?.("store", "hibernate")
    await client.push(chain(1, 2), never)
    await live.until(() => live.seqNums().length === 3, 10_000)
    say(`delivered ${JSON.stringify(live.seqNums())} of 1, 2, 3; ended: ${live.ended() ?? "no"}`)
    return live.seqNums().length === 1 && live.ended() === undefined
  },
  { transport: "do-rpc", storage: "do" },
)
