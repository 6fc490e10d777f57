import { Effect } from "effect"
import { reference, type MockSeams } from "../mock/seams.ts"
import type { StoredEvent } from "../mock/stored-event.ts"
import type { UpFrame } from "../mock/wire.ts"
import type { Mutant } from "./mutant.ts"
import { claimsTheFirst } from "./other-identity.ts"

/** A client that overwrites what it knows with whatever it is told, and a backend that is not told what some requests know. */
export const adopts = (fire: () => void, unasked: (frame: UpFrame) => boolean): Partial<MockSeams> => ({
  backend: {
    decodeUp: (line) => {
      const frame = reference.backend.decodeUp(line)
      if (frame === undefined || !("known" in frame) || !unasked(frame)) return frame
      const { known: _, ...bare } = frame
      if (bare.t === "push") return bare
      const { at: __, ...position } = bare
      return position
    },
  },
  client: {
    remember: ({ memory, storeId, backendId }) =>
      Effect.gen(function* () {
        const before = yield* reference.client.known({ memory, storeId })
        if (before !== undefined && before !== backendId) {
          fire()
          yield* memory.remove(`backendId ${storeId}`)
        }
        return yield* reference.client.remember({ memory, storeId, backendId })
      }),
  },
})

/** Shows the log that a store had before its life ended, as long as it has no other. */
const remembersLog = (fire: () => void): Partial<MockSeams> => {
  const seen = new Map<string, ReadonlyArray<StoredEvent>>()
  return {
    backend: {
      readPage: (call) =>
        Effect.map(reference.backend.readPage(call), (read) => {
          const { storeId, storage } = call.context
          const { rows } = storage.data(storeId)
          if (rows.length > 0) {
            seen.set(storeId, [...rows])
            return read
          }
          const cached = seen.get(storeId) ?? []
          if (cached.length === 0) return read
          fire()
          return { rows: cached.slice(read.position), position: read.position, end: cached.length }
        }),
    },
  }
}

/** Forgets what it knows once something has happened to it. */
const forgets = (fire: () => void, when: "told" | "cut"): Partial<MockSeams> => {
  let happened = false
  const { client } = adopts(fire, () => false)
  return {
    client: {
      ...client,
      known: (call) => (happened ? Effect.succeed(undefined) : reference.client.known(call)),
      ...(when === "cut"
        ? {
            resumeAt: ({ after }) => {
              happened = true
              return after === undefined ? {} : { after }
            },
          }
        : {
            mapError: (error, operation) => {
              if (error.tag === "BackendIdMismatch") happened = true
              return reference.client.mapError(error, operation)
            },
          }),
    },
  }
}

/** Planted bugs in what happens at a wipe or a restore. */
export const resetWipeMutants: ReadonlyArray<Mutant> = [
  {
    id: "reset/pull-mismatch#never-notices",
    clause: "reset/pull-mismatch",
    title: "a wiped store keeps its backendId for pulls with a cursor",
    source: "I01",
    seam: "backend.identity",
    anomaly: "identity-missed",
    make: claimsTheFirst((hasCursor) => hasCursor),
  },
  {
    id: "reset/pull-mismatch#cursor-without-metadata",
    clause: "reset/pull-mismatch",
    title: "the identity is compared with a cursor's metadata alone, not with what the client knows",
    source: "I03",
    seam: "backend.decodeUp",
    anomaly: "identity-adopted",
    make: (fire) => adopts(fire, (frame) => frame.t === "pull" && frame.after !== undefined && frame.at === undefined),
  },
  {
    id: "reset/push-mismatch#on-pulls-alone",
    clause: "reset/push-mismatch",
    title: "the identity is compared on pulls and not on pushes",
    source: "I03",
    seam: "backend.decodeUp",
    anomaly: "identity-adopted",
    make: (fire) => adopts(fire, (frame) => frame.t === "push"),
  },
  {
    id: "reset/push-mismatch#never-remembered",
    clause: "reset/push-mismatch",
    title: "a client does not remember the backendId that came with an acknowledgement",
    source: "I03",
    seam: "client.remember",
    anomaly: "identity-adopted",
    make: (fire) => {
      let pushes = 0
      return {
        client: {
          sendPush: (call) => {
            pushes += 1
            return reference.client.sendPush(call)
          },
          remember: (call) =>
            Effect.flatMap(reference.client.known(call), (known) => {
              // What comes right after a push is its acknowledgement.
              if (pushes === 0 || known !== undefined) return reference.client.remember(call)
              pushes = 0
              fire()
              return Effect.succeed(call.backendId)
            }),
        },
      }
    },
  },
  {
    id: "reset/live-mismatch#adopts",
    clause: "reset/live-mismatch",
    check: "reset/live-mismatch",
    title: "the identity is compared when a live pull begins and not for what it delivers",
    source: "I03",
    seam: "backend.decodeUp",
    anomaly: "identity-adopted",
    make: (fire) => {
      const seams = adopts(fire, (frame) => frame.t === "live")
      return {
        ...seams,
        backend: {
          ...seams.backend,
          // The position of the old life, wherever the new log has it.
          locate: (call) => Effect.catch(reference.backend.locate(call), () => Effect.succeed(0)),
        },
      }
    },
  },
  {
    id: "reset/live-mismatch#waits-for-news",
    clause: "reset/live-mismatch",
    check: "reset/live-mismatch#quiet",
    title: "a live pull learns of the new life only when something is pushed there",
    source: "I01",
    seam: "client.decodeDown",
    anomaly: "identity-missed",
    make: (fire) => {
      let backendId: string | undefined
      return {
        client: {
          decodeDown: (line) => {
            const frame = reference.client.decodeDown(line)
            if (frame?.t === "page") backendId = frame.backendId
            if (frame?.t === "poke" && frame.again) return { t: "poke", head: frame.head }
            if (frame?.t !== "pong" || backendId === undefined || frame.backendId === backendId) return frame
            fire()
            return { ...frame, backendId }
          },
        },
      }
    },
  },
  {
    id: "reset/live-mismatch#forgets-when-cut",
    clause: "reset/live-mismatch",
    check: "reset/live-mismatch#cut",
    title: "a live pull that was cut resumes without the identity that it was reading",
    source: "I05",
    seam: "client.resumeAt",
    anomaly: "identity-adopted",
    make: (fire) => forgets(fire, "cut"),
  },
  {
    id: "reset/never-adopted#without-cursor",
    clause: "reset/never-adopted",
    title: "a pull without a cursor compares no identity and takes the new one over",
    source: "I03",
    seam: "backend.decodeUp",
    anomaly: "identity-adopted",
    make: (fire) => adopts(fire, (frame) => frame.t === "pull" && frame.after === undefined),
  },
  {
    id: "reset/never-adopted#once-told",
    clause: "reset/never-adopted",
    title: "a client that was told of the mismatch forgets what it knew",
    source: "B07",
    seam: "client.mapError",
    anomaly: "identity-adopted",
    make: (fire) => forgets(fire, "told"),
  },
  {
    id: "reset/fresh-client#old-log",
    clause: "reset/fresh-client",
    title: "a wiped store shows its old log from a cache",
    source: "F12",
    seam: "backend.readPage",
    anomaly: "phantom",
    make: remembersLog,
  },
  {
    id: "reset/wipe-under-running#from-memory",
    clause: "reset/wipe-under-running",
    title: "a backend whose storage was wiped goes on in memory, and nothing that it acknowledges is stored",
    source: "S02",
    seam: "backend.append",
    anomaly: "lost-ack",
    make: (fire) => ({
      backend: {
        append: (call) => {
          const { storeId, storage } = call.context
          if (storage.data(storeId).lives < 2) return reference.backend.append(call)
          fire()
          return Effect.succeed(true)
        },
      },
    }),
  },
  {
    id: "reset/older-snapshot#same-id",
    clause: "reset/older-snapshot",
    title: "a restored store keeps its backendId, and nothing else is compared",
    source: "I07",
    seam: "backend.identity",
    anomaly: "fork",
    make: (fire) => {
      const seams = claimsTheFirst()(fire)
      return {
        backend: {
          ...seams.backend,
          locate: (call) => reference.backend.locate({ ...call, at: undefined }),
        },
      }
    },
  },
  {
    id: "reset/foreign-cursor#position-alone",
    clause: "reset/foreign-cursor",
    check: "reset/foreign-cursor",
    title: "of a cursor only the position counts",
    source: "I05",
    seam: "backend.locate",
    anomaly: "cursor-skip",
    make: (fire) => ({
      backend: {
        locate: ({ at, ...call }) => {
          if (at !== undefined) fire()
          return reference.backend.locate({ ...call, at: undefined })
        },
      },
    }),
  },
  {
    id: "reset/foreign-cursor#next-best",
    clause: "reset/foreign-cursor",
    check: "reset/foreign-cursor#between",
    title: "a cursor between two events is taken for the one before",
    source: "G05",
    seam: "backend.locate",
    anomaly: "cursor-skip",
    make: (fire) => ({
      backend: {
        locate: (call) =>
          Effect.catchTag(reference.backend.locate(call), "UnknownError", () =>
            Effect.sync(() => {
              fire()
              const { rows } = call.context.storage.data(call.context.storeId)
              return rows.filter(({ seqNum }) => seqNum <= (call.after ?? 0)).length
            }),
          ),
      },
    }),
  },
  {
    id: "reset/clean-state#old-log",
    clause: "reset/clean-state",
    check: "reset/clean-state",
    title: "a reset leaves the log of the test before in a cache",
    source: "H04",
    seam: "backend.readPage",
    anomaly: "phantom",
    make: remembersLog,
  },
  {
    id: "reset/clean-state#old-id",
    clause: "reset/clean-state",
    check: "reset/clean-state",
    title: "a reset keeps the backendIds of the test before",
    source: "H04",
    seam: "backend.identity",
    anomaly: "identity-missed",
    make: claimsTheFirst(),
  },
  {
    id: "reset/clean-state#old-fault",
    clause: "reset/clean-state",
    check: "reset/clean-state#fault",
    title: "a store whose storage failed once stays unusable across a reset",
    source: "H04",
    seam: "backend.identity",
    anomaly: "wrong-refusal",
    make: (fire) => {
      const failed = new Map<string, Effect.Error<ReturnType<typeof reference.backend.identity>>>()
      return {
        backend: {
          identity: (call) => {
            const { storeId } = call.context
            const before = failed.get(storeId)
            if (before !== undefined) {
              fire()
              return Effect.fail(before)
            }
            return Effect.tapError(reference.backend.identity(call), (error) =>
              Effect.sync(() => void (error._tag === "StorageFailure" && failed.set(storeId, error))),
            )
          },
        },
      }
    },
  },
]
