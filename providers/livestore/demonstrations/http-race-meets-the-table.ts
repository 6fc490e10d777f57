import { chain, demonstrate, never } from "./lab.ts"

// Losers must get ServerAhead (race/same-parent). A request that began while another was at work compares with the
// head of then, and meets the table's unique key; with other numbers it is stored beside the winner.
await demonstrate(
  "Eight clients push on one parent over HTTP",
  async ({ open, say }) => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => open("store")))
    await clients[0]!.push(chain(0, 1), never)
    let unknown = 0
    for (let round = 1; round <= 5; round += 1) {
      const ends = await Promise.allSettled(clients.map((client) => client.push(chain(round, 1), never)))
      const errors = ends.flatMap((end) => (end.status === "rejected" ? [JSON.stringify(end.reason)] : []))
      const strange = errors.filter((error) => !error.includes("ServerAhead"))
      unknown += strange.length
      say(`race ${round}: ${errors.length} lost, ${strange.length} of them with ${strange[0] ?? "nothing else"}`)
    }
    return unknown > 0
  },
  { transport: "http", storage: "do" },
)
