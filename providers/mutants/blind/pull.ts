import { Effect, Option, Stream } from "effect"
import { UnknownError } from "../../../contract/errors.ts"
import { moreUnknown, type Cursor, type PullItem } from "../../../contract/event.ts"
import type { StoreObject } from "../../mock/backend/store-object.ts"
import { reference } from "../../mock/seams.ts"
import type { StoredEvent } from "../../mock/stored-event.ts"
import type { Mutant } from "../mutant.ts"
import { wrapping } from "./kit.ts"

const { backend, client } = reference

const cursorOn = (event: PullItem["events"][number] | undefined): Option.Option<Cursor> | undefined =>
  event && Option.some({ eventSequenceNumber: event.event.seqNum, metadata: event.metadata })

/** Metadata that is itself only in the process that made it. */
class CursorProof {
  readonly backendId: string
  readonly digest: number
  constructor(backendId: string, digest: number) {
    this.backendId = backendId
    this.digest = digest
  }
}

/** Size of an event as JSON in characters. */
const characters = ({ sizeBytes, args = "" }: StoredEvent): number => sizeBytes - Buffer.byteLength(args) + args.length

/** Pages, cursors and what is said about the rest. */
export const blindPull: ReadonlyArray<Mutant> = [
  {
    id: "pull/page-info#full-means-more",
    clause: "pull/page-info",
    title: "a page that is full says that one more event follows, also when the log ends with it",
    source: "P05",
    seam: "backend.pageInfo",
    anomaly: "page-info-lie",
    make: (fire) => ({
      backend: {
        pageInfo: (call) =>
          Effect.map(backend.pageInfo(call), (info) => {
            if (info.remaining > 0 || call.read.rows.length < call.context.limits.pageEvents) return info
            fire()
            return { ...info, remaining: 1 }
          }),
      },
    }),
  },
  {
    id: "pull/page-size#characters-are-bytes",
    clause: "pull/page-size",
    title: "the size of a page is counted in characters, so pages of other scripts are larger than declared",
    source: "X01",
    seam: "backend.readPage",
    anomaly: "page-info-lie",
    make: (fire) => ({
      backend: {
        readPage: (call) =>
          Effect.map(backend.readPage(call), (read) => {
            const { storage, storeId, limits } = call.context
            const { rows } = storage.data(storeId)
            const stop = Math.min(read.end, read.position + limits.pageEvents)
            let next = read.position
            for (let size = 0; next < stop; next++) {
              size += characters(rows[next]!)
              if (size > limits.pageBytes && next > read.position) break
            }
            if (next > read.position + read.rows.length) fire()
            return { ...read, rows: rows.slice(read.position, next) }
          }),
      },
    }),
  },
  {
    id: "pull/cut#resumes-one-early",
    clause: "pull/cut",
    title: "a pull that lost its connection goes on behind the last event but one of what it has delivered",
    source: "G09, D01",
    seam: "client.wrap",
    anomaly: "duplicate",
    make: wrapping(({ pull }, fire) => ({
      pull: (cursor, options) => {
        if (options?.live === true) return pull(cursor, options)
        return Stream.suspend(() => {
          let at: Option.Option<Cursor> | undefined
          return pull(cursor, options).pipe(
            Stream.tap(({ events }) => Effect.sync(() => void (at = cursorOn(events.at(-2)) ?? at))),
            Stream.catchTag("IsOffline", (error) => {
              if (at === undefined) return Stream.fail(error)
              fire()
              return pull(at, options)
            }),
          )
        })
      },
    })),
  },
  {
    id: "pull/beyond-head#one-past-is-at-head",
    clause: "pull/beyond-head",
    title: "a cursor one past the head is taken for one at the head",
    source: "L05",
    seam: "backend.locate",
    anomaly: "stale-read",
    make: (fire) => ({
      backend: {
        locate: (call) => {
          const { rows, head } = call.context.storage.data(call.context.storeId)
          if (call.after !== head + 1) return backend.locate(call)
          fire()
          return Effect.succeed(rows.length)
        },
      },
    }),
  },
  {
    id: "pull/lazy#second-run-goes-on",
    clause: "pull/lazy",
    title: "where a pull stands is kept with the stream and not with its run: run again, it goes on from there",
    source: "G09, G07",
    seam: "client.wrap",
    anomaly: "cursor-skip",
    make: wrapping(({ pull }, fire) => ({
      pull: (cursor, options) => {
        if (options?.live === true) return pull(cursor, options)
        let at = cursor
        return Stream.suspend(() => {
          if (at !== cursor) fire()
          return pull(at, options).pipe(
            Stream.tap(({ events }) => Effect.sync(() => void (at = cursorOn(events.at(-1)) ?? at))),
          )
        })
      },
    })),
  },
  {
    id: "pull/metadata#good-in-its-process",
    clause: "pull/metadata",
    title: "a cursor's metadata is an object of a class: from JSON it is none, and the pull begins at the beginning",
    source: "E06, G09",
    seam: "client.metadata",
    anomaly: "duplicate",
    make: (fire) => ({
      client: {
        metadata: ({ event, backendId }) => Option.some(new CursorProof(backendId, event.digest)),
        position: (cursor) => {
          const metadata = Option.getOrUndefined(Option.flatMap(cursor, (at) => at.metadata))
          if (metadata === undefined || metadata instanceof CursorProof) return client.position(cursor)
          fire()
          return {}
        },
      },
    }),
  },
  {
    id: "pull/read-your-writes#joins-a-running-pull",
    clause: "pull/read-your-writes",
    title: "a pull that begins while another has pages to go shares that one's cut",
    source: "S03, S02",
    seam: "backend.readPage",
    anomaly: "stale-read",
    make: (fire) => {
      const cuts = new WeakMap<StoreObject, number>()
      return {
        backend: {
          readPage: (call) =>
            Effect.suspend(() => {
              const { object, storage, storeId } = call.context
              const cut = cuts.get(object)
              const { rows, head } = storage.data(storeId)
              const last = rows[call.position - 1]?.seqNum ?? 0
              if (call.until !== undefined || cut === undefined || cut <= last) return backend.readPage(call)
              if (head > cut) fire()
              return backend.readPage({ ...call, until: cut })
            }),
          pageInfo: (call) =>
            Effect.tap(backend.pageInfo(call), ({ remaining, until }) =>
              Effect.sync(() => {
                const { object } = call.context
                if (remaining > 0) cuts.set(object, until)
                else if (cuts.get(object) === until) cuts.delete(object)
              }),
            ),
        },
      }
    },
  },
  {
    id: "pull/suffix#index-cold-on-return",
    clause: "pull/suffix",
    title: "an object that comes back to memory does not find a cursor without metadata, and begins at the beginning",
    source: "G09, H07",
    seam: "backend.locate",
    anomaly: "duplicate",
    make: (fire) => {
      const first = new Map<string, StoreObject>()
      const index = new WeakMap<StoreObject, Set<number>>()
      return {
        backend: {
          append: (call) =>
            Effect.tap(backend.append(call), () =>
              Effect.sync(() => {
                const known = index.get(call.context.object) ?? new Set()
                index.set(call.context.object, known)
                for (const { seqNum } of call.events) known.add(seqNum)
              }),
            ),
          locate: (call) => {
            const { object, storeId } = call.context
            if (!first.has(storeId)) first.set(storeId, object)
            const warm = first.get(storeId) === object || index.get(object)?.has(call.after ?? 0) === true
            if (warm || call.after === undefined || call.after === 0 || call.at !== undefined) {
              return backend.locate(call)
            }
            return Effect.map(backend.locate(call), () => {
              fire()
              return 0
            })
          },
        },
      }
    },
  },
  {
    id: "meta/supports-honest#unknown-above-a-thousand",
    clause: "meta/supports-honest",
    title: "a page says MoreUnknown where more than a thousand events follow, though the remainder is claimed known",
    source: "P04",
    seam: "client.deliver",
    anomaly: "page-info-lie",
    make: (fire) => ({
      client: {
        deliver: ({ item }) => {
          if (item.pageInfo._tag !== "MoreKnown" || item.pageInfo.remaining <= 1_000) return [item]
          fire()
          return [{ ...item, pageInfo: moreUnknown }]
        },
      },
    }),
  },
  {
    id: "pull/transient-is-offline#outage-ends-live",
    clause: "pull/transient-is-offline",
    title: "an outage of the storage fails a live pull with an unknown error, and a finite one as it should",
    source: "K05, E04",
    seam: "client.mapError",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      client: {
        mapError: (error, operation) => {
          const mapped = client.mapError(error, operation)
          if (mapped._tag !== "IsOffline" || operation !== "live") return mapped
          fire()
          return new UnknownError({ message: mapped.message })
        },
      },
    }),
  },
]
