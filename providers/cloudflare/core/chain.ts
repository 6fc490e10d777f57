import { chainDigest } from "./digest.ts"
import type { LogEvent, LoggedEvent, LogHead } from "./log-store.ts"
import type { SqlValue } from "./sql.ts"

/** An event's names as one JSON text: SQLite would alter lone surrogates and cut at NUL, JSON escapes both. */
export const textsOf = ({ name, clientId, sessionId }: LogEvent): string => JSON.stringify([name, clientId, sessionId])

/** The head of a log that is one event longer. `texts` are the event's names. */
export const headAfter = (head: LogHead, event: LogEvent, texts: string): LogHead => ({
  backendId: head.backendId,
  seqNum: event.seqNum,
  position: head.position + 1,
  digest: chainDigest(head.digest, `${event.seqNum} ${event.parentSeqNum} ${texts} ${event.args ?? null}`),
})

/** An event from its columns: seq, parent, texts, args, digest, size in bytes. */
export const eventOfColumns = ([
  seqNum,
  parentSeqNum,
  texts,
  args,
  digest,
  sizeBytes,
]: ReadonlyArray<SqlValue>): LoggedEvent => {
  const [name, clientId, sessionId] = JSON.parse(String(texts)) as [string, string, string]
  return {
    seqNum: Number(seqNum),
    parentSeqNum: Number(parentSeqNum),
    name,
    clientId,
    sessionId,
    args: typeof args === "string" ? args : undefined,
    digest: String(digest),
    sizeBytes: Number(sizeBytes),
  }
}
