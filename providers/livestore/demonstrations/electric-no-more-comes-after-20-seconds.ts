import { demonstrateElectric } from "./electric-lab.ts"
import { chain, never } from "./lab.ts"

// A pull ends with one item that says NoMore (pull/page-info), and a live pull says it once it has caught up
// (live/no-more-promptly). LiveStore's leader takes no local push between an item that announces more and NoMore.
await demonstrateElectric("A reader waits for NoMore", async ({ open, read, pulled, say }) => {
  const client = await open("store")
  await client.push(chain(0, 3), never)
  const said = (await pulled(client)).map(({ pageInfo }) => pageInfo._tag)
  say(`a pull of 3 events said ${said.join(", ")} and ended`)
  const live = read(client, { live: true })
  await live.until(() => live.seqNums().length === 3, 5_000)
  say("a live pull has given all 3 events")
  const soon = await live.until(() => live.items.at(-1)?.pageInfo._tag === "NoMore", 10_000)
  say(`NoMore within 10 s: ${soon ? "yes" : "no"}`)
  const late = await live.until(() => live.items.at(-1)?.pageInfo._tag === "NoMore", 20_000)
  say(`NoMore within 30 s: ${late ? "yes" : "no"}`)
  return !said.includes("NoMore") && !soon && late
})
