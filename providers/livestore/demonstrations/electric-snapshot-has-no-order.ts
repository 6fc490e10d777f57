import { demonstrateElectric } from "./electric-lab.ts"
import { chain, never } from "./lab.ts"

// A pull gives events in the order of their numbers (pull/all). Electric's snapshot has the rows in the order in which
// they lie in Postgres's pages, and the client hands them on as they come.
await demonstrateElectric("A pull of a log that lies in several pages of the table", async ({ open, pulled, say }) => {
  const writer = await open("store")
  let head = 0
  for (let batch = 0; batch < 12; batch += 1) {
    const large = batch % 2 === 0
    await writer.push(chain(head, 60, { args: { text: (large ? "large ".repeat(180) : "small") + batch } }), never)
    head += 60
  }
  const numbers = (await pulled(await open("store"))).flatMap((item) => item.events.map(({ event }) => event.seqNum))
  const back = numbers.findIndex((number, at) => at > 0 && number < numbers[at - 1]!)
  say(
    back === -1
      ? `${numbers.length} events came in order`
      : `event ${numbers[back]} came after event ${numbers[back - 1]}`,
  )
  return back !== -1
})
