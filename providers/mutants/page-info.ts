import type { PageInfo } from "../../contract/event.ts"
import type { Mutant } from "./mutant.ts"

/** Items that know the remainder say something else: the seam `client.deliver`. */
export const misstates = (says: (remaining: number) => PageInfo): Mutant["make"] => {
  return (fire) => ({
    client: {
      deliver: ({ item }) => {
        if (item.pageInfo._tag !== "MoreKnown") return [item]
        fire()
        return [{ ...item, pageInfo: says(item.pageInfo.remaining) }]
      },
    },
  })
}
