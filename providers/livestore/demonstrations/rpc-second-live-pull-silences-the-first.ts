import { chain, demonstrate, never } from "./lab.ts"

// The backend keeps one registration for a store, the last: every live pull before it hears nothing any more, on this
// client object or another (live/others, live/two-on-one-client, converge/writers).
await demonstrate(
  "Two client objects with a live pull each",
  async ({ open, read, say }) => {
    const [first, second] = [await open("store"), await open("store")]
    const one = read(first, { live: true })
    await one.until(() => one.items.length > 0, 5_000)
    const two = read(second, { live: true })
    await two.until(() => two.items.length > 0, 5_000)
    await first.push(chain(0, 3), never)
    await two.until(() => two.seqNums().length === 3, 5_000)
    await one.until(() => one.seqNums().length === 3, 5_000)
    say(`the first got ${JSON.stringify(one.seqNums())}, the second ${JSON.stringify(two.seqNums())}`)
    return one.seqNums().length === 0 && two.seqNums().length === 3
  },
  { transport: "do-rpc", storage: "do" },
)
