import type { RecordedEvent } from "../contract/history.ts"

/** The size of a page as contracts count it: the sum of its events as JSON, in bytes of UTF-8. */
export const pageBytes = (events: ReadonlyArray<RecordedEvent>): number => {
  let bytes = 0
  for (const event of events) {
    const { args: _args, argsDigest: _argsDigest, odd: _odd, ...rest } = event
    bytes += Buffer.byteLength(JSON.stringify(rest))
    const sizeBytes = argsBytes(event)
    if (sizeBytes > 0) bytes += sizeBytes + ',"args":'.length
  }
  return bytes
}

/** The size of an event's arguments as JSON; 0 when it has none. */
const argsBytes = ({ args, argsDigest }: RecordedEvent): number =>
  argsDigest?.sizeBytes ?? (args === undefined ? 0 : Buffer.byteLength(args))
