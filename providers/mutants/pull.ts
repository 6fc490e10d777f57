import { Effect, Option, Stream } from "effect"
import { UnknownError } from "../../contract/errors.ts"
import type { StoredEvent } from "../mock/stored-event.ts"
import { reference } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"
import { misstates } from "./page-info.ts"
import { pullFaultMutants } from "./pull-faults.ts"
import { wrapped } from "./wrap.ts"

type Make = Mutant["make"]

/** Changes the rows of a page. */
const rows = (
  fire: () => void,
  change: (rows: ReadonlyArray<StoredEvent>, position: number) => ReadonlyArray<StoredEvent>,
): ReturnType<Make> => ({
  backend: {
    readPage: (call) =>
      Effect.map(reference.backend.readPage(call), (read) => {
        const changed = change(read.rows, read.position)
        if (changed.length !== read.rows.length) fire()
        return { ...read, rows: changed }
      }),
  },
})

/** Changes the items of pulls that have nothing to give. */
const emptyItems = (fire: () => void, when: (nth: number) => boolean, times: number): ReturnType<Make> => {
  let pulls = 0
  return {
    client: {
      deliver: ({ item, live }) => {
        if (live || item.events.length > 0 || !when(++pulls)) return [item]
        fire()
        return Array.from({ length: times }, () => item)
      },
    },
  }
}

/** Every third whole pull is answered by a replica that is one event behind. */
const staleReplica: Make = (fire) => {
  let reads = 0
  return {
    backend: {
      readPage: (call) =>
        Effect.map(reference.backend.readPage(call), (read) => {
          if (read.end < 6 || ++reads % 3 !== 0) return read
          fire()
          return { ...read, end: read.end - 1, rows: read.rows.slice(0, read.end - 1 - read.position) }
        }),
    },
  }
}

/** A cursor past the head is taken for one at the head. */
const clampsCursor: Make = (fire) => ({
  backend: {
    locate: (call) =>
      Effect.catchTag(reference.backend.locate(call), "CursorAhead", () =>
        Effect.sync(() => {
          fire()
          return call.context.storage.read(call.context.storeId).rows.length
        }),
      ),
  },
})

/** Planted bugs in finite pulls. */
export const pullMutants: ReadonlyArray<Mutant> = [
  {
    id: "pull/empty#nothing",
    clause: "pull/empty",
    title: "a pull of an empty log ends without an item",
    source: "K03",
    seam: "client.deliver",
    anomaly: "page-info-lie",
    make: (fire) => emptyItems(fire, (nth) => nth === 1, 0),
  },
  {
    id: "pull/all#page-border",
    clause: "pull/all",
    title: "each page after the first leaves out its first event",
    source: "G03",
    seam: "backend.readPage",
    anomaly: "gap",
    make: (fire) => rows(fire, (page, position) => (position > 0 ? page.slice(1) : page)),
  },
  {
    id: "pull/suffix#ignores-bare",
    clause: "pull/suffix",
    check: "pull/suffix",
    title: "a cursor without metadata is taken for none",
    source: "G09",
    seam: "client.position",
    anomaly: "cursor-skip",
    make: (fire) => ({
      client: {
        position: (cursor) => {
          const position = reference.client.position(cursor)
          if (position.after === undefined || position.at !== undefined) return position
          fire()
          return {}
        },
      },
    }),
  },
  {
    id: "pull/suffix#new-process",
    clause: "pull/suffix",
    check: "pull/suffix#new-process",
    title: "the first cursor on a new connection is taken one event too far",
    source: "G07",
    seam: "backend.locate",
    anomaly: "cursor-skip",
    make: (fire) => {
      const known = new WeakSet<object>()
      return {
        backend: {
          locate: (call) =>
            Effect.map(reference.backend.locate(call), (position) => {
              const fresh = !known.has(call.context.connection)
              known.add(call.context.connection)
              if (!fresh || call.after === undefined) return position
              fire()
              return Math.min(position + 1, call.context.storage.read(call.context.storeId).rows.length)
            }),
        },
      }
    },
  },
  {
    id: "pull/suffix#digits",
    clause: "pull/suffix",
    check: "pull/suffix#digits",
    title: "positions are compared as text",
    source: "G05",
    seam: "backend.locate",
    anomaly: "cursor-skip",
    make: (fire) => ({
      backend: {
        locate: (call) =>
          Effect.map(reference.backend.locate(call), (position) => {
            const { after } = call
            if (after === undefined) return position
            const log = call.context.storage.read(call.context.storeId).rows
            const asText = log.filter(({ seqNum }) => String(seqNum) <= String(after)).length
            if (asText !== position) fire()
            return asText
          }),
      },
    }),
  },
  {
    id: "pull/at-head#twice",
    clause: "pull/at-head",
    title: "a pull at the head gives its empty item twice",
    source: "K03",
    seam: "client.deliver",
    anomaly: "page-info-lie",
    make: (fire) => emptyItems(fire, () => true, 2),
  },
  ...["pull/beyond-head", "pull/beyond-head#empty"].map((check): Mutant => ({
    id: `${check}+clamps`,
    clause: "pull/beyond-head",
    check,
    title: "a cursor past the head is taken for one at the head",
    source: "I07",
    seam: "backend.locate",
    anomaly: "stale-read",
    make: clampsCursor,
  })),
  {
    id: "pull/read-your-writes#replica",
    clause: "pull/read-your-writes",
    title: "every third read is answered by a replica that is one event behind",
    source: "S02",
    seam: "backend.readPage",
    anomaly: "stale-read",
    make: staleReplica,
  },
  {
    id: "pull/monotonic#replica",
    clause: "pull/monotonic",
    title: "every third read is answered by a replica that is one event behind",
    source: "S02",
    seam: "backend.readPage",
    anomaly: "non-monotonic",
    make: staleReplica,
  },
  {
    id: "pull/metadata#lives-in-memory",
    clause: "pull/metadata",
    title: "the metadata is worth something only as the object that it was",
    source: "contract",
    seam: "client.metadata",
    anomaly: "cursor-skip",
    make: (fire) => {
      class Metadata {
        readonly backendId: string
        constructor(backendId: string) {
          this.backendId = backendId
        }
      }
      return {
        client: {
          metadata: ({ backendId }) => Option.some(new Metadata(backendId)),
          position: (cursor) => {
            const { after } = reference.client.position(cursor)
            if (after === undefined) return {}
            if (Option.getOrUndefined(Option.getOrThrow(cursor).metadata) instanceof Metadata) return { after }
            fire()
            return {}
          },
        },
      }
    },
  },
  {
    id: "pull/page-info#off-by-one",
    clause: "pull/page-info",
    title: "remaining counts one event too many",
    source: "P04",
    seam: "client.deliver",
    anomaly: "page-info-lie",
    make: misstates((remaining) => ({ _tag: "MoreKnown", remaining: remaining + 1 })),
  },
  {
    id: "pull/page-info#early",
    clause: "pull/page-info",
    title: "the first of several pages says NoMore",
    source: "P05",
    seam: "client.deliver",
    anomaly: "page-info-lie",
    make: misstates(() => ({ _tag: "NoMore" })),
  },
  {
    id: "pull/lazy#eager",
    clause: "pull/lazy",
    check: "pull/lazy",
    title: "building a pull throws when the cursor is past the second event",
    source: "E06",
    seam: "client.wrap",
    anomaly: "defect",
    make: (fire) =>
      wrapped((provider) => ({
        pull: (cursor, options) => {
          if (Option.isSome(cursor) && options?.live === false) {
            fire()
            throw new Error("no metadata")
          }
          return provider.pull(cursor, options)
        },
      })),
  },
  {
    id: "pull/transient-is-offline#refused-is-unknown",
    clause: "pull/transient-is-offline",
    check: "pull/transient-is-offline",
    title: "a pull that cannot reach its backend fails with an unknown error",
    source: "E04",
    seam: "client.wrap",
    anomaly: "wrong-refusal",
    make: (fire) =>
      wrapped((provider) => ({
        pull: (cursor, options) =>
          Stream.mapError(provider.pull(cursor, options), (error) => {
            if (error._tag !== "IsOffline") return error
            fire()
            return new UnknownError({ message: error.message })
          }),
      })),
  },
  ...pullFaultMutants,
]
