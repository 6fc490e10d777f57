import { demonstrateElectric } from "./electric-lab.ts"
import { chain, never } from "./lab.ts"

// Who pushes on a stale parent gets ServerAhead with the head (push/stale-parent), and who is offline IsOffline
// (conn/unreachable). LiveStore's leader rebases on the first and waits after the second; it stops after anything else.
await demonstrateElectric("A stale push, and operations without a connection", async ({ open, outcome, relay }) => {
  const [one, other] = [await open("store"), await open("store")]
  await one.push(chain(0, 2), never)
  const ends = [await outcome("a push that lost", other.push(chain(0, 1), never), 5_000)]
  relay.refuse()
  ends.push(await outcome("a push, connections refused", other.push(chain(2, 1), never), 5_000))
  ends.push(await outcome("a ping, connections refused", other.ping(never), 5_000))
  return ends.every((end) => end.includes("UnknownError"))
})
