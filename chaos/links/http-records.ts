/** How the records of a streamed body stand in it. */
export interface RecordFormat {
  /** What a record says, without what frames it. */
  readonly read: (record: Buffer) => string
  /** A record that says this. */
  readonly write: (text: string) => Buffer
  readonly separator: string
}

const lines: RecordFormat = {
  separator: "\n",
  read: (record) => record.toString().replace(/\r?\n$/, ""),
  write: (text) => Buffer.from(`${text}\n`),
}

/** Server-sent events; what one says is its data. */
const events: RecordFormat = {
  separator: "\n\n",
  read: (record) =>
    record
      .toString()
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice(line[5] === " " ? 6 : 5))
      .join("\n"),
  write: (text) =>
    Buffer.from(
      `${text
        .split("\n")
        .map((line) => `data: ${line}`)
        .join("\n")}\n\n`,
    ),
}

/** The format of a body of records, by its content type; undefined for a body that is one whole. */
export const recordFormatOf = (contentType: string): RecordFormat | undefined => {
  const type = (contentType.split(";")[0] as string).trim().toLowerCase()
  if (type === "text/event-stream") return events
  return /^application\/(?:x-)?(?:ndjson|jsonl|json-lines)$/.test(type) ? lines : undefined
}

/** Cuts a streamed body into its records, separators included. */
export const makeRecordSplitter = ({ separator }: RecordFormat) => {
  let parts: Array<Buffer> = []
  let waitingBytes = 0
  const rest = (): Buffer => {
    const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
    parts = []
    waitingBytes = 0
    return bytes
  }
  return {
    feed: (data: Buffer): ReadonlyArray<Buffer> => {
      // A separator may have begun in what was there before.
      const searchFrom = Math.max(0, waitingBytes - separator.length + 1)
      parts.push(data)
      waitingBytes += data.length
      if (data.indexOf(10) < 0) return []
      const bytes = rest()
      const records: Array<Buffer> = []
      let at = 0
      for (let end = bytes.indexOf(separator, searchFrom); end >= 0; end = bytes.indexOf(separator, at)) {
        records.push(bytes.subarray(at, end + separator.length))
        at = end + separator.length
      }
      if (at < bytes.length) {
        parts = [bytes.subarray(at)]
        waitingBytes = bytes.length - at
      }
      return records
    },
    /** What is there of a record that is not whole; it is taken out. */
    rest,
    waitingBytes: (): number => waitingBytes,
  }
}
