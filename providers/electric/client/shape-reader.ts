import { ShapeStream, type Message, type Offset } from "@electric-sql/client"
import { eventBytes } from "../push-api/batch.ts"
import type { LogRow } from "../wire.ts"
import type { ElectricLink } from "./link.ts"
import type { ReaderSeams } from "./seams.ts"
import { shapeFetch, type ReadFailure } from "./shape-fetch.ts"

/** A place in Electric's shape from which reading goes on behind an event. */
export interface ShapePlace {
  readonly handle: string
  readonly offset: string
}

/** An event's row, and where to go on behind it. */
export interface ReadRow {
  readonly row: LogRow
  /** Size of the event as JSON. */
  readonly sizeBytes: number
  readonly place: ShapePlace | undefined
  /** It came with the snapshot, where single rows have no place. */
  readonly ofSnapshot: boolean
}

/** Reads a log's rows in the log's own order, whatever order they come in, through one official client. */
export interface ShapeReader {
  /** The next rows, as far as they are there, within these bounds and none behind `until`. */
  readonly take: (most: { readonly events: number; readonly bytes: number }, until?: number) => ReadonlyArray<ReadRow>
  /** How many events are known to follow those taken: those that are there, and the rest of the last one's batch. */
  readonly following: () => number | undefined
  readonly failure: () => ReadFailure | undefined
  /** With `done` everything that was wanted has come, and what was asked ahead may come to its end. */
  readonly close: (done?: boolean) => void
}

/** How much is read ahead of who takes it. */
const aheadEvents = 1_000
const aheadBytes = 400_000

/** Opens a reader behind an event. `path` is that of the shape, with what the backend needs to admit the client. */
export const openShapeReader = (parts: {
  readonly link: ElectricLink
  readonly path: string
  /** The life that is read; the backend refuses another. */
  readonly life: string
  /** Names the pull that reads. */
  readonly pull: string
  readonly after: number
  /** The last event that is wanted; nothing is asked for behind it. Absent: there is no end. */
  readonly until: number | undefined
  readonly place: ShapePlace | undefined
  /** Server-sent events once the log was caught up with; else long polling. */
  readonly events: boolean
  readonly seams: ReaderSeams
  readonly nowMs: () => number
  readonly onChange: () => void
}): ShapeReader => {
  const controller = new AbortController()
  const queue: Array<ReadRow> = []
  /** Rows that came before the one they stand on, by that. */
  const early = new Map<number, ReadRow>()
  let tail = parts.after
  let queuedBytes = 0
  let failure: ReadFailure | undefined
  let closed = false
  /** Where the rows that come next were asked for. */
  let chunkBegan: string = parts.place?.offset ?? "-1"
  let waiting: Array<() => void> = []

  let isDone = false
  const hasAll = () => parts.until !== undefined && tail >= parts.until
  const isFull = () => queue.length >= aheadEvents || queuedBytes >= aheadBytes || hasAll()
  const letIn = (): void => {
    const all = waiting
    waiting = []
    for (const go of all) go()
  }
  const room = (): Promise<void> =>
    isFull() && !closed && failure === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()

  const fail = (why: ReadFailure): void => {
    if (closed || failure !== undefined) return
    failure = why
    letIn()
    controller.abort()
    parts.onChange()
  }

  const { fetch, progressed } = shapeFetch({ ...parts, room, fail, isDone: () => isDone })
  const stream = new ShapeStream<Record<string, never>>({
    url: `${parts.link.url}${parts.path}`,
    params: { life: parts.life, pull: parts.pull },
    ...(parts.place === undefined ? {} : { offset: parts.place.offset as Offset, handle: parts.place.handle }),
    liveSse: parts.events,
    parser: { int8: Number },
    fetchClient: fetch,
    // Who asks again, and when, is the link's business: one budget for everything that this client does.
    backoffOptions: { initialDelay: 100, maxDelay: 1_000, multiplier: 2, maxRetries: 0 },
    onError: () => undefined,
    signal: controller.signal,
    warnOnHttp: false,
  })

  const append = (read: ReadRow): void => {
    for (let next: ReadRow | undefined = read; next !== undefined; next = early.get(tail)) {
      early.delete(tail)
      queue.push(next)
      queuedBytes += next.sizeBytes
      tail = next.row.seqNum
    }
  }

  const add = (message: Message): void => {
    const { headers } = message
    if ("control" in headers) {
      if (headers.control === "must-refetch") {
        early.clear()
        const why = parts.seams.refetch(parts.life)
        if (why !== undefined) fail(why)
      }
      // All that there is has come, and what is early still stands on nothing.
      else if (headers.control === "up-to-date" && early.size > 0) {
        fail({ _tag: "Stale", message: `the row behind event ${tail} did not come` })
      }
      return
    }
    if (headers.operation !== "insert") {
      return fail({ _tag: "Stale", message: `a row was changed by ${headers.operation} in Postgres` })
    }
    const row = "value" in message ? readRow(message.value) : undefined
    if (row === undefined) return fail({ _tag: "Stale", message: "a row is none of a log" })
    const rowPlace = parts.seams.place(row, tail)
    if (rowPlace === "known") return
    const { lsn, op_position: position } = headers as { readonly lsn?: unknown; readonly op_position?: unknown }
    const ofSnapshot = typeof lsn !== "string" || !Number.isInteger(position)
    const offset = ofSnapshot ? chunkBegan : `${lsn}_${String(position)}`
    const handle = stream.shapeHandle
    const place = handle === undefined || offset === "-1" ? undefined : { handle, offset }
    const read = { row, sizeBytes: eventBytes(row), place, ofSnapshot }
    if (rowPlace === "next") append(read)
    else early.set(row.parentSeqNum, read)
  }

  stream.subscribe(
    async (messages) => {
      if (closed || failure !== undefined) return
      const before = queue.length
      for (const message of messages as ReadonlyArray<Message>) add(message)
      const last = queue.at(-1)
      const { shapeHandle: handle, lastOffset: offset } = stream
      // A chunk that was read whole and in order: reading goes on behind it.
      if (queue.length > before && last?.ofSnapshot === true && early.size === 0 && handle !== undefined) {
        queue[queue.length - 1] = { ...last, place: { handle, offset } }
      }
      chunkBegan = offset
      if (queue.length > before) progressed()
      parts.onChange()
      await room()
    },
    (error) => fail({ _tag: "Stale", message: error.message }),
  )

  return {
    take: (most, until = Number.POSITIVE_INFINITY) => {
      let bytes = 0
      let count = 0
      for (const { row, sizeBytes } of queue) {
        if (row.seqNum > until || count === most.events || (count > 0 && bytes + sizeBytes > most.bytes)) break
        bytes += sizeBytes
        count += 1
      }
      queuedBytes -= bytes
      const taken = queue.splice(0, count)
      if (!isFull()) letIn()
      return taken
    },
    following: () => {
      const last = queue.at(-1)
      return last === undefined ? undefined : queue.length + last.row.following
    },
    failure: () => failure,
    close: (done = false) => {
      if (closed) return
      closed = true
      isDone = done
      controller.abort()
      stream.unsubscribeAll()
      letIn()
    },
  }
}

const isText = (value: unknown): value is string => typeof value === "string"

/** A row as a log has it; undefined where it is none. */
const readRow = (value: Record<string, unknown>): LogRow | undefined => {
  const { seqNum, parentSeqNum, name, args, clientId, sessionId, digest, following, position } = value
  const numbers = [seqNum, parentSeqNum, following, position]
  if (!numbers.every(Number.isSafeInteger) || ![name, clientId, sessionId, digest].every(isText)) return undefined
  if (args !== null && !isText(args)) return undefined
  return value as unknown as LogRow
}
