import type { RecordedEvent } from "../contract/history.ts"

/** The smallest largest batch that a provider may declare. */
const surelyTakenEvents = 100

/** Well below what any provider declares for one event, in characters of its arguments and name. */
const surelyTakenChars = 2_000

/**
 * Whether no provider has a reason to call this batch invalid: a dense chain of safe numbers, not too many, not
 * large, and without text that some databases refuse (NUL, lone surrogates).
 */
export const isSurelyValid = (batch: ReadonlyArray<RecordedEvent>): boolean =>
  batch.length > 0 &&
  batch.length <= surelyTakenEvents &&
  batch.every(
    (event, n) =>
      event.odd === undefined &&
      Number.isSafeInteger(event.seqNum) &&
      event.seqNum === event.parentSeqNum + 1 &&
      event.parentSeqNum >= 0 &&
      (n === 0 || event.parentSeqNum === batch[n - 1]!.seqNum) &&
      (event.argsDigest === undefined ? isPlainText(event.args ?? "") : event.argsDigest.plain) &&
      isPlainText(event.name) &&
      isPlainText(event.clientId) &&
      isPlainText(event.sessionId),
  )

/** Whether no provider has a reason to refuse a text: for its size, or for what some databases cannot hold. */
export const isPlainText = (text: string): boolean =>
  text.length <= surelyTakenChars && text.isWellFormed() && !text.includes("\0") && !/\\u(0000|d[89a-f])/i.test(text)
