import { Effect, Stream } from "effect"
import { UnknownError } from "../../contract/errors.ts"
import type { StoreObject } from "../mock/backend/store-object.ts"
import { reference } from "../mock/seams.ts"
import type { StoreView } from "../mock/store-data.ts"
import { rootDigest, storedBatch } from "../mock/stored-event.ts"
import type { Mutant } from "./mutant.ts"
import { readsAhead, withPulls, wrapped } from "./wrap.ts"

/** A pull that was cut ends as if it were complete. */
const endsWhenCut: Mutant["make"] = (fire) =>
  withPulls((stream) =>
    Stream.catch(stream, (error) => {
      if (error._tag !== "IsOffline") return Stream.fail(error)
      fire()
      return Stream.empty
    }),
  )

/** Refuses the first cursor that an object meets after it was loaded. */
const coldCursor: Mutant["make"] = (fire) => {
  const warm = new WeakSet<object>()
  return {
    backend: {
      locate: (call) => {
        const { object } = call.context
        if (warm.has(object) || call.after === undefined) {
          warm.add(object)
          return reference.backend.locate(call)
        }
        warm.add(object)
        fire()
        return Effect.fail(new UnknownError({ message: "the object is not ready" }))
      },
    },
  }
}

const offlineIsUnknown: Mutant["make"] = (fire) =>
  withPulls((stream) =>
    Stream.mapError(stream, (error) => {
      if (error._tag !== "IsOffline") return error
      fire()
      return new UnknownError({ message: error.message })
    }),
  )

/** Shows a batch from the process's memory for a moment before it is written. */
const showsFromMemory: Mutant["make"] = (fire) => {
  const inMemory = new WeakMap<StoreObject, StoreView>()
  return {
    backend: {
      append: (call) =>
        Effect.gen(function* () {
          const { storage, storeId, object } = call.context
          const { rows, backendId, ascending, version } = storage.data(storeId)
          const added = storedBatch(call.events, rows.at(-1)?.digest ?? rootDigest)
          inMemory.set(object, { rows: [...rows, ...added], head: call.head, backendId, ascending, version })
          yield* Effect.sleep(20)
          inMemory.delete(object)
          // A process that was killed meanwhile has closed its connections, and writes no more.
          return call.context.connection.isOpen ? yield* reference.backend.append(call) : yield* Effect.never
        }),
      source: (context) => {
        const shown = inMemory.get(context.object)
        if (shown === undefined) return reference.backend.source(context)
        fire()
        return Effect.succeed(shown)
      },
    },
  }
}

/** Planted bugs in pulls that are large or disturbed. */
export const pullFaultMutants: ReadonlyArray<Mutant> = [
  {
    id: "pull/page-size#one-page",
    clause: "pull/page-size",
    title: "pages are bounded in events and not in bytes",
    source: "X01",
    seam: "backend.readPage",
    anomaly: "page-info-lie",
    make: (fire) => ({
      backend: {
        readPage: (call) => {
          fire()
          const limits = { ...call.context.limits, pageBytes: Number.POSITIVE_INFINITY }
          return reference.backend.readPage({ ...call, context: { ...call.context, limits } })
        },
      },
    }),
  },
  {
    id: "pull/only-durable#from-memory",
    clause: "pull/only-durable",
    check: "pull/only-durable",
    title: "batches are shown from the process's memory before they are written",
    source: "L01",
    seam: "backend.append",
    anomaly: "lost-ack",
    make: showsFromMemory,
  },
  {
    id: "pull/large-log#half",
    clause: "pull/large-log",
    check: "pull/large-log",
    title: "a pull ends after five thousand events",
    source: "P05",
    seam: "backend.readPage",
    anomaly: "stale-read",
    make: (fire) => ({
      backend: {
        readPage: (call) =>
          Effect.map(reference.backend.readPage(call), (read) => {
            if (read.end <= 5_000) return read
            fire()
            return { ...read, end: 5_000, rows: read.rows.slice(0, Math.max(0, 5_000 - read.position)) }
          }),
      },
    }),
  },
  {
    id: "pull/large-log#drops-large",
    clause: "pull/large-log",
    check: "pull/large-log#large-events",
    title: "past the fiftieth event, events of 90 kB and more are left out",
    source: "X01",
    seam: "backend.readPage",
    anomaly: "gap",
    make: (fire) => ({
      backend: {
        readPage: (call) =>
          Effect.map(reference.backend.readPage(call), (read) => {
            const kept = read.rows.filter(({ sizeBytes }, index) => read.position + index !== 60 || sizeBytes < 90_000)
            if (kept.length < read.rows.length) fire()
            return { ...read, rows: kept }
          }),
      },
    }),
  },
  {
    id: "pull/lazy#goes-on",
    clause: "pull/lazy",
    check: "pull/lazy#interrupt",
    title: "an interrupted pull reads on to the end in the background",
    source: "K10",
    seam: "client.wrap",
    anomaly: "leak",
    make: (fire) =>
      withPulls((stream) => {
        fire()
        return readsAhead(stream)
      }),
  },
  ...["pull/cut", "pull/cut#closed-cleanly"].map((check): Mutant => ({
    id: `${check}+ends`,
    clause: "pull/cut",
    check,
    title: "a pull that was cut ends as if it were complete",
    source: "G03",
    seam: "client.wrap",
    anomaly: "page-info-lie",
    make: endsWhenCut,
  })),
  ...["restart", "evict"].map((word): Mutant => ({
    id: `pull/transient-is-offline#${word}-is-unknown`,
    clause: "pull/transient-is-offline",
    check: `pull/transient-is-offline#${word}`,
    title: "an object that has just been loaded answers its first cursor with an unknown error",
    source: "E12",
    seam: "backend.locate",
    anomaly: "wrong-refusal",
    make: coldCursor,
  })),
  {
    id: "pull/transient-is-offline#storage-is-unknown",
    clause: "pull/transient-is-offline",
    check: "pull/transient-is-offline#storage",
    title: "a pull that the storage failed ends with an unknown error",
    source: "E04",
    seam: "client.wrap",
    anomaly: "wrong-refusal",
    make: offlineIsUnknown,
  },
  {
    id: "pull/offline-paced#no-back-off",
    clause: "pull/offline-paced",
    title: "a client whose connection was refused tries again at once",
    source: "B04",
    seam: "client.reconnectGapMs",
    anomaly: "restless",
    make: (fire) => ({
      client: {
        reconnectGapMs: () => {
          fire()
          return 20
        },
      },
    }),
  },
  {
    id: "pull/metadata#shared",
    clause: "pull/metadata",
    title: "a cursor that went through JSON fails to be understood",
    source: "E06",
    seam: "client.wrap",
    anomaly: "cursor-skip",
    make: (fire) =>
      wrapped((provider) => {
        const own = new WeakSet<object>()
        return {
          pull: (cursor, options) => {
            const metadata =
              cursor._tag === "Some" && cursor.value.metadata._tag === "Some" ? cursor.value.metadata.value : undefined
            const foreign = typeof metadata === "object" && metadata !== null && !own.has(metadata)
            if (foreign) {
              fire()
              return Stream.fail(new UnknownError({ message: "the cursor's metadata is not mine" }))
            }
            return Stream.tap(provider.pull(cursor, options), ({ events }) =>
              Effect.sync(() => {
                for (const event of events) if (event.metadata._tag === "Some") own.add(event.metadata.value as object)
              }),
            )
          },
        }
      }),
  },
]
