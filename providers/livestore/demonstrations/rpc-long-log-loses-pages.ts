import { chain, demonstrate, never } from "./lab.ts"

// Each must give the whole log (race/concurrent-pulls). Pages are lost, pulls fail or never end.
await demonstrate(
  "Six pulls of 120 events at once, over RPC",
  async ({ open, read, say }) => {
    const client = await open("store")
    await client.push(chain(0, 100), never)
    await client.push(chain(100, 20), never)
    const pulls = [0, 1, 2, 3, 4, 5].map(() => read(client, { live: false }))
    await pulls[0]!.until(() => pulls.every((pull) => pull.ended() !== undefined), 5_000)
    const short = pulls.filter((pull) => pull.seqNums().length !== 120 || pull.ended() !== "completed")
    for (const pull of short) say(`gave ${pull.seqNums().length} events and ${pull.ended()?.slice(0, 60) ?? "goes on"}`)
    return short.length > 0
  },
  { transport: "do-rpc", storage: "do" },
)
