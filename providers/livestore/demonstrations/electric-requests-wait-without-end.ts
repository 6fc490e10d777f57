import { demonstrateElectric } from "./electric-lab.ts"
import { chain, never } from "./lab.ts"

// An operation ends within the deadline whatever the link does (push/settles-under-fault). Nothing but the ping has a
// limit of its own.
await demonstrateElectric("A push and a pull whose link has gone silent", async ({ open, outcome, pulled, relay }) => {
  const client = await open("store")
  await client.push(chain(0, 1), never)
  relay.freeze()
  const ends = await Promise.all([
    outcome("a push", client.push(chain(1, 1), never), 30_000),
    outcome("a pull", pulled(client), 30_000),
  ])
  return ends.every((end) => end === "pending")
})
