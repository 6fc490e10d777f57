import { Effect } from "effect"
import type { ClientMemory } from "../../contract/client-memory.ts"
import { BackendIdMismatch, ServerAhead } from "../../contract/errors.ts"
import { reference } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"
import { claims, mixesIn } from "./other-identity.ts"
import { resetWipeMutants } from "./reset-wipe.ts"

const base = { seam: "backend.identity", anomaly: "identity-false" } as const

/** Planted bugs in the identity of backends. */
export const resetMutants: ReadonlyArray<Mutant> = [
  {
    ...base,
    id: "reset/id-stable#made-at-start",
    clause: "reset/id-stable",
    check: "reset/id-stable",
    title: "the backendId is made when the process starts and kept in its memory",
    source: "contract",
    make: mixesIn(/start \d+/),
  },
  {
    ...base,
    id: "reset/id-stable#made-on-wake",
    clause: "reset/id-stable",
    check: "reset/id-stable#evict",
    title: "an object that wakes makes a new backendId",
    source: "M02",
    make: mixesIn(/object \d+/),
  },
  {
    ...base,
    id: "reset/id-stable#made-by-version",
    clause: "reset/id-stable",
    check: "reset/id-stable#deploy",
    title: "the backendId has the version of the code in it",
    source: "I06",
    make: mixesIn(/version \d+/),
  },
  {
    id: "reset/id-stable#orphaned",
    clause: "reset/id-stable",
    check: "reset/id-stable#deploy",
    title: "the tables' names have the version of the code in them, so an upgrade begins with none",
    source: "I06",
    seam: "backend.readPage",
    anomaly: "lost-ack",
    make: (fire) => {
      const versions = new Map<string, string>()
      return {
        backend: {
          readPage: (call) =>
            Effect.map(reference.backend.readPage(call), (read) => {
              const version = /version \d+/.exec(call.context.object.instance)![0]
              for (const { digest } of read.rows) {
                const key = `${call.context.storeId} ${digest}`
                if (!versions.has(key)) versions.set(key, version)
              }
              const rows = read.rows.filter(
                ({ digest }) => versions.get(`${call.context.storeId} ${digest}`) === version,
              )
              if (rows.length < read.rows.length) fire()
              return rows.length < read.rows.length ? { ...read, rows, end: read.position + rows.length } : read
            }),
        },
      }
    },
  },
  {
    ...base,
    id: "reset/never-false#process",
    clause: "reset/never-false",
    check: "reset/never-false",
    title: "a new process of a client does not read what its memory holds as it was written",
    source: "I05",
    seam: "client.known",
    make: (fire) => {
      const written = new WeakSet<ClientMemory>()
      return {
        client: {
          remember: (call) => {
            written.add(call.memory)
            return reference.client.remember(call)
          },
          known: (call) =>
            Effect.map(reference.client.known(call), (known) => {
              if (known === undefined || written.has(call.memory)) return known
              fire()
              return `"${known}"`
            }),
        },
      }
    },
  },
  {
    ...base,
    id: "reset/never-false#made-twice",
    clause: "reset/never-false",
    check: "reset/never-false#first-contact",
    title: "first requests that come at once each make a backendId, and the last one stays",
    source: "F01",
    make: (fire) => {
      const making = new Map<string, number>()
      return claims(fire, ({ context: { storeId, storage }, real }) =>
        Effect.gen(function* () {
          if (storage.data(storeId).rows.length > 0) return real
          const nth = (making.get(storeId) ?? 0) + 1
          making.set(storeId, nth)
          yield* Effect.yieldNow
          yield* Effect.yieldNow
          making.set(storeId, (making.get(storeId) ?? 1) - 1)
          return nth === 1 ? real : `${real} made as number ${nth}`
        }),
      )
    },
  },
  {
    ...base,
    id: "reset/never-false#after-kill",
    clause: "reset/never-false",
    check: "reset/never-false#kill",
    title: "the backendId was not stored yet when the process was killed",
    source: "L01",
    make: mixesIn(/start \d+/),
  },
  {
    ...base,
    id: "reset/never-false#unreadable",
    clause: "reset/never-false",
    check: "reset/never-false#outage",
    title: "storage that cannot be read is taken for another life",
    source: "E05",
    make: (fire) => ({
      backend: {
        identity: (call) =>
          Effect.catchTag(reference.backend.identity(call), "StorageFailure", () => {
            fire()
            return Effect.fail(new BackendIdMismatch({ expected: call.known ?? "", received: "" }))
          }),
      },
    }),
  },
  {
    ...base,
    id: "reset/never-false#wiped-with-another",
    clause: "reset/never-false",
    check: "reset/never-false#other-store",
    title: "one backendId stands for all stores, so a wipe of one ends the life of each",
    source: "I05",
    make: (fire) => {
      const stores = new Set<string>()
      return claims(fire, ({ context: { storeId, storage }, real }) =>
        Effect.sync(() => {
          stores.add(storeId)
          const wiped = [...stores].some((other) => {
            const { lives, backendId } = storage.data(other)
            return other !== storeId && (lives > 1 || (lives === 1 && backendId === undefined))
          })
          return wiped ? `${real} and another` : real
        }),
      )
    },
  },
  ...resetWipeMutants,
  {
    id: "reset/never-false#remembers-clients",
    clause: "reset/never-false",
    check: "reset/never-false",
    title: "a client that was here before and has lost its memory is taken for one of another life",
    source: "contract",
    seam: "backend.identity",
    anomaly: "identity-false",
    make: (fire) => {
      const knew = new Set<string>()
      return {
        backend: {
          identity: (call) =>
            Effect.flatMap(reference.backend.identity(call), (backendId) => {
              const { attachment, storeId } = call.context
              const client = JSON.stringify([storeId, attachment.clientId])
              if (call.known !== undefined) knew.add(client)
              else if (knew.has(client)) {
                fire()
                return Effect.fail(new BackendIdMismatch({ expected: "", received: backendId }))
              }
              return Effect.succeed(backendId)
            }),
        },
      }
    },
  },
  {
    id: "reset/fresh-client#head-kept",
    clause: "reset/fresh-client",
    title: "a wipe clears the log and not the head",
    source: "F12",
    seam: "backend.admit",
    anomaly: "wrong-refusal",
    make: (fire) => {
      const highest = new Map<string, number>()
      return {
        backend: {
          admit: (call) => {
            const { context, head } = call
            const kept = Math.max(head, highest.get(context.storeId) ?? 0)
            highest.set(context.storeId, Math.max(kept, call.events.at(-1)!.seqNum))
            if (kept === head || context.storage.data(context.storeId).lives < 2) return reference.backend.admit(call)
            fire()
            return Effect.fail(new ServerAhead({ head: kept, providedParent: call.events[0]!.parentSeqNum }))
          },
        },
      }
    },
  },
]
