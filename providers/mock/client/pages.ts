import type { PullItem } from "../../../contract/event.ts"
import { moreKnown, noMore } from "../../../contract/event.ts"
import { eventOf } from "../stored-event.ts"
import type { PageFrame } from "../wire.ts"
import type { ClientSeams, Position } from "./seams.ts"

/** A page as the caller gets it. */
export const itemOf = (seams: ClientSeams, page: PageFrame): PullItem => ({
  events: page.events.map((event) => ({
    event: eventOf(event),
    metadata: seams.metadata({ event, backendId: page.backendId }),
  })),
  pageInfo: page.remaining > 0 ? moreKnown(page.remaining) : noMore,
})

/** Where a pull stands after a page. */
export const positionAfter = (page: PageFrame, before: Position): Position => {
  const last = page.events.at(-1)
  if (last === undefined) return before
  return { after: last.seqNum, at: { backendId: page.backendId, digest: last.digest } }
}
