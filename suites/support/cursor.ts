import { Option } from "effect"
import type { Cursor, EventEncoded, PullItem } from "../../contract/event.ts"

/** A cursor on a position without the provider's metadata. */
export const bareCursor = (eventSequenceNumber: number): Option.Option<Cursor> =>
  Option.some({ eventSequenceNumber, metadata: Option.none() })

/** The cursor that stands on one pulled event, with its metadata; none for a position that was not pulled. */
export const cursorOn = (items: ReadonlyArray<PullItem>, seqNum: number): Option.Option<Cursor> => {
  for (const { events } of items) {
    const found = events.find(({ event }) => event.seqNum === seqNum)
    if (found !== undefined) return Option.some({ eventSequenceNumber: seqNum, metadata: found.metadata })
  }
  return Option.none()
}

/** The positions of events, as words: "4, 5, 6". */
export const positions = (events: ReadonlyArray<EventEncoded>): string =>
  events.length === 0 ? "nothing" : summarise(events.map(({ seqNum }) => seqNum))

/** Long lists by their ends. */
const summarise = (numbers: ReadonlyArray<number>): string =>
  numbers.length <= 8
    ? numbers.join(", ")
    : `${numbers.slice(0, 3).join(", ")} … ${numbers.slice(-2).join(", ")} (${numbers.length} events)`

/** Whether two lists of events stand at the same positions. */
export const samePositions = (a: ReadonlyArray<EventEncoded>, b: ReadonlyArray<EventEncoded>): boolean =>
  a.length === b.length && a.every((event, index) => event.seqNum === b[index]?.seqNum)
