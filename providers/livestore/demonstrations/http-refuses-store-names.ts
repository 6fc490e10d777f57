import { chain, demonstrate, never } from "./lab.ts"

// A store's name is a header of each request too, and a header takes Latin-1 only (store/odd-names).
await demonstrate(
  "A store whose name has a letter beyond Latin-1, over HTTP",
  async ({ open, outcome }) => {
    const client = await open("стор")
    return (await outcome("push", client.push(chain(0, 1), never), 5_000)).includes("ByteString")
  },
  { transport: "http", storage: "do" },
)
