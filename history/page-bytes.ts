import type { RecordedEvent } from "../contract/history.ts"

/** The size of a page as contracts count it: the sum of its events as JSON, in bytes of UTF-8. */
export const pageBytes = (events: ReadonlyArray<RecordedEvent>): number => {
  let bytes = 0
  for (const { args, odd: _odd, ...rest } of events) {
    bytes += Buffer.byteLength(JSON.stringify(rest))
    if (args !== undefined) bytes += Buffer.byteLength(args) + ',"args":'.length
  }
  return bytes
}
