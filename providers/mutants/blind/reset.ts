import { Effect } from "effect"
import { BackendIdMismatch } from "../../../contract/errors.ts"
import type { StoreObject } from "../../mock/backend/store-object.ts"
import { reference } from "../../mock/seams.ts"
import type { StoredEvent } from "../../mock/stored-event.ts"
import type { Mutant } from "../mutant.ts"

const { backend, client } = reference

/** The identity of a life, and what is kept across its end. */
export const blindReset: ReadonlyArray<Mutant> = [
  {
    id: "reset/fresh-client#full-pages-kept",
    clause: "reset/fresh-client",
    title: "pages that were full once are served from a cache that outlives a wipe",
    source: "F12, S03",
    seam: "backend.readPage",
    anomaly: "phantom",
    make: (fire) => {
      const kept = new Map<string, ReadonlyArray<StoredEvent>>()
      return {
        backend: {
          readPage: (call) =>
            Effect.map(backend.readPage(call), (read) => {
              const key = `${call.context.storeId} ${read.position}`
              if (read.rows.length === call.context.limits.pageEvents && !kept.has(key)) kept.set(key, read.rows)
              const rows = kept.get(key)
              if (rows === undefined || call.until !== undefined) return read
              if (rows[0] !== read.rows[0]) fire()
              return { ...read, rows, end: Math.max(read.end, read.position + rows.length) }
            }),
        },
      }
    },
  },
  {
    id: "reset/pull-mismatch#identity-in-memory",
    clause: "reset/pull-mismatch",
    title: "the backend reads its identity once, and goes by it after its storage was wiped",
    source: "I01, I03",
    seam: "backend.identity",
    anomaly: "identity-missed",
    make: (fire) => {
      const kept = new WeakMap<StoreObject, string>()
      return {
        backend: {
          identity: (call) =>
            Effect.suspend(() => {
              const { object, storage, storeId } = call.context
              const backendId = kept.get(object)
              if (backendId === undefined) {
                return Effect.tap(backend.identity(call), (read) => Effect.sync(() => kept.set(object, read)))
              }
              if (storage.data(storeId).backendId !== backendId) fire()
              const expected = call.known ?? call.at?.backendId ?? backendId
              return expected === backendId
                ? Effect.succeed(backendId)
                : Effect.fail(new BackendIdMismatch({ expected, received: backendId }))
            }),
        },
      }
    },
  },
  {
    id: "reset/push-mismatch#from-the-root-is-fresh",
    clause: "reset/push-mismatch",
    title: "a batch that stands on the root is taken for a fresh client's, whatever backendId came with it",
    source: "I03",
    seam: "backend.decodeUp",
    anomaly: "identity-missed",
    make: (fire) => ({
      backend: {
        decodeUp: (line) => {
          const frame = backend.decodeUp(line)
          if (frame?.t !== "push" || frame.known === undefined || frame.events[0]?.parentSeqNum !== 0) return frame
          const { known: _, ...rest } = frame
          fire()
          return rest
        },
      },
    }),
  },
  {
    id: "reset/never-adopted#gives-in",
    clause: "reset/never-adopted",
    title: "a client that was told twice of another backendId forgets its own",
    source: "B07",
    seam: "client.known",
    anomaly: "identity-adopted",
    make: (fire) => {
      const told = new Map<string, number>()
      const forgotten = (backendId: string | undefined): boolean => {
        if (backendId === undefined || (told.get(backendId) ?? 0) < 2) return false
        fire()
        return true
      }
      return {
        client: {
          mapError: (error, operation) => {
            const mapped = client.mapError(error, operation)
            if (mapped._tag === "BackendIdMismatch") told.set(mapped.expected, (told.get(mapped.expected) ?? 0) + 1)
            return mapped
          },
          known: (call) => Effect.map(client.known(call), (id) => (forgotten(id) ? undefined : id)),
          remember: (call) =>
            Effect.flatMap(client.known(call), (id) =>
              forgotten(id)
                ? Effect.as(call.memory.set(`backendId ${call.storeId}`, call.backendId), call.backendId)
                : client.remember(call),
            ),
        },
      }
    },
  },
  {
    id: "reset/foreign-cursor#not-looked-at-at-the-head",
    clause: "reset/foreign-cursor",
    title: "a cursor at the head's number is not compared with the event that stands there",
    source: "I07, F12",
    seam: "backend.locate",
    anomaly: "cursor-skip",
    make: (fire) => ({
      backend: {
        locate: (call) =>
          Effect.catchTag(backend.locate(call), "UnknownError", (error) => {
            const { rows, head } = call.context.storage.data(call.context.storeId)
            if (call.after !== head) return Effect.fail(error)
            fire()
            return Effect.succeed(rows.length)
          }),
      },
    }),
  },
  {
    id: "reset/never-false#unreadable-is-another-life",
    clause: "reset/never-false",
    title: "where the identity cannot be read the client is told that it is another",
    source: "E05, I06",
    seam: "backend.identity",
    anomaly: "identity-false",
    make: (fire) => ({
      backend: {
        identity: (call) =>
          Effect.catch(backend.identity(call), (error) => {
            if (error._tag === "BackendIdMismatch" || call.known === undefined) return Effect.fail(error)
            fire()
            return Effect.fail(new BackendIdMismatch({ expected: call.known, received: "" }))
          }),
      },
    }),
  },
]

/** A deployment that brings another way of reading old rows. */
export const blindUpgrade: ReadonlyArray<Mutant> = [
  {
    id: "life/deploy#old-rows-migrated",
    clause: "life/deploy",
    title: "after a deployment events that were stored without arguments before it have null",
    source: "I06, X07",
    seam: "backend.readPage",
    anomaly: "corrupted",
    make: (fire) => {
      const versionOf = ({ instance }: StoreObject): string => /version (\d+)/.exec(instance)?.[1] ?? ""
      const writtenBy = new WeakMap<StoredEvent, string>()
      const migrated = (row: StoredEvent): StoredEvent => {
        fire()
        return { ...row, args: "null", text: row.text.replace(',"digest":', ',"args":"null","digest":') }
      }
      return {
        backend: {
          append: (call) =>
            Effect.tap(backend.append(call), () =>
              Effect.sync(() => {
                const { storage, storeId, object } = call.context
                for (const row of storage.data(storeId).rows.slice(-call.events.length)) {
                  writtenBy.set(row, versionOf(object))
                }
              }),
            ),
          readPage: (call) =>
            Effect.map(backend.readPage(call), (read) => {
              const version = versionOf(call.context.object)
              const rows = read.rows.map((row) => {
                const before = writtenBy.get(row)
                const old = before !== undefined && before !== version
                return old && row.args === undefined ? migrated(row) : row
              })
              return { ...read, rows }
            }),
        },
      }
    },
  },
]
