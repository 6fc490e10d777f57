import type { Definition } from "./definition.ts"
import { compareOffsets, type Offset, snapshotEnd } from "./offset.ts"
import type { Relation } from "./relation.ts"
import type { RowJson } from "./row-json.ts"
import type { RowFilter } from "./where.ts"

/** One row of a shape's log. */
export interface LogEntry {
  readonly lsn: number
  readonly op: number
  readonly json: string
}

/** What of the table is in the snapshot: transactions that are not visible in it come with the log. */
export interface Visibility {
  readonly xmin: string
  readonly xmax: string
  readonly xip: ReadonlyArray<string>
}

/** A part of a shape that is answered in one piece. */
export interface Chunk {
  readonly entries: ReadonlyArray<LogEntry>
  /** The place behind it. */
  readonly end: Offset
  /** Whether nothing follows now. */
  readonly isLast: boolean
}

/** A shape with all its rows, in memory; what is on disk is `Storage`'s. */
export class Shape {
  readonly handle: string
  readonly definition: Definition
  readonly key: string
  readonly relation: Relation
  readonly rows: RowJson
  readonly filter: RowFilter
  readonly visibility: Visibility
  readonly snapshot: ReadonlyArray<Buffer>
  private readonly log: Array<LogEntry> = []
  /** Indexes behind the last entry of each chunk that is closed. */
  private readonly chunkEnds: Array<number> = []
  private openChunkBytes = 0
  private readonly chunkBytes: number
  private readonly waiting = new Set<() => void>()
  private gone = false

  constructor(parts: {
    readonly handle: string
    readonly definition: Definition
    readonly key: string
    readonly relation: Relation
    readonly rows: RowJson
    readonly filter: RowFilter
    readonly visibility: Visibility
    readonly snapshot: ReadonlyArray<Buffer>
    readonly chunkBytes: number
  }) {
    this.handle = parts.handle
    this.definition = parts.definition
    this.key = parts.key
    this.relation = parts.relation
    this.rows = parts.rows
    this.filter = parts.filter
    this.visibility = parts.visibility
    this.snapshot = parts.snapshot
    this.chunkBytes = parts.chunkBytes
  }

  get isGone(): boolean {
    return this.gone
  }

  /** The place behind everything that it has now. */
  get end(): Offset {
    return this.log.at(-1) ?? snapshotEnd
  }

  /** The commit that it saw last; 0 before the first. */
  get lastLsn(): number {
    return this.log.at(-1)?.lsn ?? 0
  }

  /** Whether a transaction came after the snapshot: ids count on past 2 to the 32nd and start again. */
  isNews(xid: number): boolean {
    const { xmax, xip } = this.visibility
    const low = Number(BigInt(xmax) & 0xffff_ffffn)
    if (((xid - low) | 0) >= 0) return true
    return xip.some((other) => Number(BigInt(other) & 0xffff_ffffn) === xid >>> 0)
  }

  /** Takes the entries of one transaction; who waits is told by `announce`. */
  append(entries: ReadonlyArray<LogEntry>): void {
    for (const entry of entries) {
      this.log.push(entry)
      this.openChunkBytes += entry.json.length
      if (this.openChunkBytes < this.chunkBytes) continue
      this.chunkEnds.push(this.log.length)
      this.openChunkBytes = 0
    }
  }

  /** The chunk of the snapshot behind this place, with its number; undefined where the log begins. */
  snapshotAfter({ lsn, op }: Offset): { readonly body: Buffer; readonly end: Offset } | undefined {
    if (lsn > 0) return undefined
    const index = lsn < 0 ? 0 : op + 1
    const body = this.snapshot[index]
    return body === undefined ? undefined : { body, end: { lsn: 0, op: index } }
  }

  /** What of the log follows a place, up to the end of the chunk. */
  logAfter(offset: Offset): Chunk {
    const from = this.indexAfter(offset)
    const to = this.chunkEnds.find((end) => end > from) ?? this.log.length
    const entries = this.log.slice(from, to)
    return { entries, end: entries.at(-1) ?? (offset.lsn > 0 ? offset : this.end), isLast: to === this.log.length }
  }

  /** Calls back once at the next news or the shape's end. The answer takes the call back. */
  onNews(listener: () => void): () => void {
    this.waiting.add(listener)
    return () => this.waiting.delete(listener)
  }

  announce(): void {
    const listeners = [...this.waiting]
    this.waiting.clear()
    for (const listener of listeners) listener()
  }

  /** Everybody who waits learns that it is gone. */
  drop(): void {
    this.gone = true
    this.announce()
  }

  private indexAfter(offset: Offset): number {
    let low = 0
    let high = this.log.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareOffsets(this.log[middle] as LogEntry, offset) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
