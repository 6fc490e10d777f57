import { chain, demonstrate, never } from "./lab.ts"

// The losers should be told ServerAhead (race/slow-hook, push/stale-parent). They get an unknown error about a unique
// key, which LiveStore's leader answers by pushing again after 1, 2, 4 seconds.
await demonstrate(
  "Eight clients push the same number on one parent while the push hook is slow",
  async ({ open, outcome }) => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => open("store")))
    await Promise.all(clients.map((client) => client.connect(never)))
    await clients[0]?.push(chain(0, 1), never)
    const batch = chain(1, 1, { name: "gauntlet.slow", args: { ms: 50 } })
    const outcomes = await Promise.all(
      clients.map((client, at) => outcome(`client ${at}`, client.push(batch, never), 5_000)),
    )
    return outcomes.some((one) => one.includes("UNIQUE"))
  },
)
