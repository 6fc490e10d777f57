import type { LogEvent } from "./log-store.ts"

/** One event as a log keeps it, for tests of logs. */
export const event = (seqNum: number, parentSeqNum = seqNum - 1, over: Partial<LogEvent> = {}): LogEvent => ({
  seqNum,
  parentSeqNum,
  name: "happened",
  args: `{"n":${seqNum}}`,
  clientId: "a",
  sessionId: "s",
  sizeBytes: 100,
  ...over,
})
