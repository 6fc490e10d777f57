import { demonstrateElectric } from "./electric-lab.ts"
import { chain, never } from "./lab.ts"

// A store sees no other's events (store/similar-names). Whatever is no letter or digit becomes "_" in a table's name.
await demonstrateElectric("Stores a-b, a_b and a.b", async ({ open, pulled, say }) => {
  const [one, two, three] = [await open("a-b"), await open("a_b"), await open("a.b")]
  await one.push(chain(0, 2), never)
  const counts = [
    (await pulled(two)).flatMap(({ events }) => events).length,
    (await pulled(three)).flatMap(({ events }) => events).length,
  ]
  say(`2 events were pushed to a-b; a_b gave ${counts[0]}, a.b gave ${counts[1]}`)
  return counts.every((count) => count === 2)
})
