import { chain, demonstrate, never } from "./lab.ts"

// Exactly one of them may win (race/slow-hook). All are acknowledged: a push keeps the head that it read before the
// hook ran, and the object puts a new reference in its cache with every push.
await demonstrate(
  "Four clients push on one parent while the push hook is slow",
  async ({ host, open, outcome, say }) => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => open("store")))
    await Promise.all(clients.map((client) => client.connect(never)))
    await clients[0]?.push(chain(0, 1), never)
    const pushes = clients.map((client, at) => {
      const event = { seqNum: 2 + at, parentSeqNum: 1, name: "gauntlet.slow", args: { ms: 50 } }
      return outcome(`client ${at} pushes event ${event.seqNum} on 1`, client.push(chain(1, 1, event), never), 5_000)
    })
    const outcomes = await Promise.all(pushes)
    const log = (await host.inspect?.("store")) ?? []
    say(`stored: ${log.map((event) => `${event.parentSeqNum}->${event.seqNum}`).join(" ")}`)
    return outcomes.filter((one) => one === "succeeded").length > 1
  },
)
