import type { EventEncoded } from "../../contract/event.ts"

/** The same events, marks and all, numbered on from another parent. */
export const rebased = (events: ReadonlyArray<EventEncoded>, parent: number): ReadonlyArray<EventEncoded> =>
  events.map((event, n) => ({ ...event, seqNum: parent + n + 1, parentSeqNum: parent + n }))

/** Whether pending events stand on this head. */
export const standsOn = (pending: ReadonlyArray<EventEncoded>, head: number): boolean =>
  pending.length === 0 || pending[0]!.parentSeqNum === head
