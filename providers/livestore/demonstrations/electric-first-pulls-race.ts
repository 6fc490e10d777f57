import { demonstrateElectric } from "./electric-lab.ts"

// Pulls of a store at once all succeed (race/concurrent-pulls). Each first request makes the store's table, and Postgres
// refuses all but one of those that do so at the same time, "if not exists" or not.
await demonstrateElectric("Eight clients pull a store that nobody pulled before", async ({ open, pulled, say }) => {
  let failed = 0
  for (let round = 0; round < 5; round += 1) {
    const clients = await Promise.all(Array.from({ length: 8 }, () => open(`store ${round}`)))
    const ends = await Promise.allSettled(clients.map((client) => pulled(client)))
    const [first] = ends.flatMap((end) => (end.status === "rejected" ? [JSON.stringify(end.reason)] : []))
    failed += ends.filter(({ status }) => status === "rejected").length
    say(`round ${round + 1}: ${first ?? "all succeeded"}`)
  }
  say(`${failed} of 40 pulls failed`)
  return failed > 0
})
