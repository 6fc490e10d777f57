import { chain, demonstrate, never } from "./lab.ts"

// LiveStore's leader opens a pull again after IsOffline alone; any other failure ends its syncing
// (pull/transient-is-offline, push/settles-under-fault, live/after-drop). The HTTP client maps every failure of a
// request to UnknownError.
await demonstrate(
  "Push, pull and live pull over HTTP while connections are refused",
  async ({ relay, open, read, outcome, say }) => {
    const client = await open("store")
    await client.push(chain(0, 3), never)
    const live = read(client, { live: true })
    await live.until(() => live.items.length > 0, 5_000)
    relay.refuse()
    const pushed = await outcome("push", client.push(chain(3, 1), never), 5_000)
    const pulled = read(client, { live: false })
    await pulled.until(() => pulled.ended() !== undefined, 5_000)
    say(`pull: ${pulled.ended()}`)
    await live.until(() => live.ended() !== undefined, 8_000)
    say(`live pull: ${live.ended()}`)
    return [pushed, pulled.ended(), live.ended()].every((end) => end?.includes("UnknownError") === true)
  },
  { transport: "http", storage: "do" },
)
