import { Effect } from "effect"
import type { RequestContext } from "../../mock/backend/seams.ts"
import { reference } from "../../mock/seams.ts"
import type { StoredEvent } from "../../mock/stored-event.ts"
import type { Mutant } from "../mutant.ts"

const { backend } = reference

/** The key under which a store of text keys keeps a position: wide enough for 9,999. */
const keyOf = (seqNum: number): string => String(seqNum).padStart(4, "0")

interface Sorted {
  readonly count: number
  readonly rows: ReadonlyArray<StoredEvent>
}

/** What a page request reads in the order of keys: behind `after`, up to `until`. */
const range = ({ rows }: Sorted, after: number, until: number | undefined): ReadonlyArray<StoredEvent> => {
  const from = after === 0 ? 0 : rows.findIndex(({ seqNum }) => keyOf(seqNum) > keyOf(after))
  if (from === -1) return []
  const end = until === undefined ? rows.length : rows.findIndex(({ seqNum }) => seqNum === until) + 1
  return rows.slice(from, Math.max(from, end))
}

/** Positions that are kept as text. */
export const blindPullOrder: ReadonlyArray<Mutant> = [
  {
    id: "pull/large-log#keys-of-four-digits",
    clause: "pull/large-log",
    title: "the log is kept under text keys of four digits: event 10,000 comes between 1,000 and 1,001",
    source: "G05",
    seam: "backend.readPage",
    anomaly: "reordered",
    make: (fire) => {
      const afters = new WeakMap<RequestContext, number>()
      const ends = new WeakMap<RequestContext, number>()
      const sorted = new Map<string, Sorted>()
      const inKeyOrder = ({ storage, storeId }: RequestContext): Sorted | undefined => {
        const { rows } = storage.data(storeId)
        const wide = (rows.at(-1)?.seqNum ?? 0) > 9_999 && (rows[0]?.seqNum ?? 0) <= 9_999
        if (!wide) return undefined
        const known = sorted.get(storeId)
        if (known?.count === rows.length) return known
        const made = {
          count: rows.length,
          rows: [...rows].sort((a, b) => (keyOf(a.seqNum) < keyOf(b.seqNum) ? -1 : 1)),
        }
        sorted.set(storeId, made)
        return made
      }
      return {
        backend: {
          locate: (call) => {
            afters.set(call.context, call.after ?? 0)
            return backend.locate(call)
          },
          readPage: (call) =>
            Effect.map(backend.readPage(call), (read) => {
              const log = inKeyOrder(call.context)
              if (log === undefined) return read
              const all = range(log, afters.get(call.context) ?? 0, call.until)
              const rows = all.slice(0, Math.max(1, read.rows.length))
              if (rows.some((row, index) => row !== read.rows[index])) fire()
              ends.set(call.context, all.at(-1)?.seqNum ?? 0)
              return { rows, position: read.position, end: read.position + all.length }
            }),
          pageInfo: (call) =>
            Effect.map(backend.pageInfo(call), (info) => ({ ...info, until: ends.get(call.context) || info.until })),
        },
      }
    },
  },
]
