import { demonstrateElectric } from "./electric-lab.ts"
import { chain, never } from "./lab.ts"

// A client whose payload is refused stores nothing (payload/rejected). Pulls alone carry the payload: the endpoint has
// nothing by which it could refuse a push.
await demonstrateElectric("A client whose payload is refused", async ({ open, outcome, pulled, host, say }) => {
  const client = await open("store", { payload: { token: "reject" } })
  const pull = await outcome("its pull", pulled(client), 5_000)
  const push = await outcome("its push", client.push(chain(0, 1), never), 5_000)
  const rows = await host.stored("store")
  say(`the log has ${rows.length} events`)
  return pull.includes("401") && push === "succeeded" && rows.length === 1
})
