import { chain, demonstrate, never } from "./lab.ts"

// A stub whose object was reset is broken for good; the platform asks for another. LiveStore's client keeps the one that
// it was made with and turns each call's failure into a defect (pull/transient-is-offline, life/evict).
await demonstrate(
  "A client object whose backend object was reset",
  async ({ host, open, outcome }) => {
    const client = await open("store")
    await client.push(chain(0, 1), never)
    await host.process?.evict?.("store", "close")
    const ends: Array<string> = []
    for (const attempt of [1, 2, 3]) ends.push(await outcome(`push ${attempt}`, client.push(chain(1, 1), never), 5_000))
    return ends[0]!.includes("Defect")
  },
  { transport: "do-rpc", storage: "do" },
)
