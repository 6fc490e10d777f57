import { Effect } from "effect"
import { type PayloadRejected, PushRejected } from "../../../contract/errors.ts"
import type { Json } from "../../../contract/json.ts"
import type { BackendConnection } from "../../mock/backend/connection.ts"
import type { StoreObject } from "../../mock/backend/store-object.ts"
import type { RequestContext } from "../../mock/backend/seams.ts"
import { reference } from "../../mock/seams.ts"
import type { WireEvent } from "../../mock/wire.ts"
import type { Mutant } from "../mutant.ts"
import { nameOf } from "./kit.ts"

const { backend, client } = reference

const tokenOf = ({ attachment: { payload } }: RequestContext): string | undefined => {
  const token =
    typeof payload === "object" && payload !== null && !Array.isArray(payload)
      ? (payload as Record<string, Json>)["token"]
      : undefined
  return typeof token === "string" ? token : undefined
}

/** A copy made member by member: a member called `__proto__` becomes the copy's prototype. */
const copied = (value: Json): Json => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(copied)
  const copy: Record<string, Json> = {}
  for (const [key, member] of Object.entries(value)) copy[key] = copied(member)
  return copy
}

const isBad = ({ name }: WireEvent): boolean => name === "gauntlet.reject" || name === "gauntlet.throw"

/** What clients hand over, and what the application is asked. */
export const blindPayload: ReadonlyArray<Mutant> = [
  {
    id: "payload/reaches#gone-with-the-object",
    clause: "payload/reaches",
    title: "the payload of an open connection is gone once the store's object was evicted",
    source: "T04",
    seam: "backend.authorise",
    anomaly: "payload-bleed",
    make: (fire) => {
      const homes = new WeakMap<BackendConnection, StoreObject>()
      return {
        backend: {
          authorise: (call) =>
            Effect.suspend(() => {
              const { connection, object, attachment, app, storeId } = call.context
              const home = homes.get(connection)
              if (home === undefined) homes.set(connection, object)
              if (home === undefined || home === object || attachment.payload === undefined) {
                return backend.authorise(call)
              }
              fire()
              if (call.record) app.record(call.hook, storeId, undefined)
              return Effect.void
            }),
        },
      }
    },
  },
  {
    id: "payload/own#refusal-kept-by-token",
    clause: "payload/own",
    title: "a refusal is kept by the payload's token alone, and meets every other client with the same token",
    source: "S03, I05",
    seam: "backend.authorise",
    anomaly: "wrong-refusal",
    make: (fire) => {
      const refused = new Map<string, PayloadRejected>()
      return {
        backend: {
          authorise: (call) =>
            Effect.suspend(() => {
              const { app, attachment } = call.context
              const token = tokenOf(call.context)
              const kept = token === undefined ? undefined : refused.get(token)
              if (kept !== undefined) {
                if (app.judge(attachment.payload).ok) fire()
                return Effect.fail(kept)
              }
              return Effect.tapError(backend.authorise(call), (error) =>
                Effect.sync(() => void (token !== undefined && refused.set(token, error))),
              )
            }),
        },
      }
    },
  },
  {
    id: "payload/expires#verdict-lasts",
    clause: "payload/expires",
    title: "the application's verdict on a connection's payload is good for its next five requests",
    source: "T08, B08",
    seam: "backend.authorise",
    anomaly: "payload-bleed",
    make: (fire) => {
      const left = new WeakMap<BackendConnection, number>()
      return {
        backend: {
          authorise: (call) =>
            Effect.suspend(() => {
              const { connection, app, attachment, storeId } = call.context
              const rest = left.get(connection) ?? 0
              left.set(connection, rest > 0 ? rest - 1 : 5)
              if (rest === 0) return backend.authorise(call)
              if (call.record) app.record(call.hook, storeId, attachment.payload)
              if (!app.judge(attachment.payload).ok) fire()
              return Effect.void
            }),
        },
      }
    },
  },
  {
    id: "payload/rejected#name-let-in-before",
    clause: "payload/rejected",
    title: "a client whose name was let in once is let in with whatever payload it hands over later",
    source: "T08, T05",
    seam: "backend.authorise",
    anomaly: "payload-bleed",
    make: (fire) => {
      const known = new Set<string>()
      return {
        backend: {
          authorise: (call) =>
            Effect.suspend(() => {
              const { attachment, app, storeId } = call.context
              const name = nameOf(attachment)
              if (!known.has(name) || app.judge(attachment.payload).ok) {
                return Effect.tap(backend.authorise(call), () => Effect.sync(() => known.add(name)))
              }
              if (call.record) app.record(call.hook, storeId, attachment.payload)
              fire()
              return Effect.void
            }),
        },
      }
    },
  },
  {
    id: "payload/any-json#falsy-is-absent",
    clause: "payload/any-json",
    title: 'a payload that counts as false (0, "", false, null) is not handed over',
    source: "T02, M10",
    seam: "client.hello",
    anomaly: "payload-bleed",
    make: (fire) => ({
      client: {
        hello: (identity) => {
          const { payload, ...rest } = client.hello(identity)
          if (payload === undefined || Boolean(payload)) return payload === undefined ? rest : { ...rest, payload }
          fire()
          return rest
        },
      },
    }),
  },
  {
    id: "payload/any-json#copied-by-member",
    clause: "payload/any-json",
    title: "the payload is copied member by member, and a member called __proto__ is lost",
    source: "T02",
    seam: "client.hello",
    anomaly: "payload-bleed",
    make: (fire) => ({
      client: {
        hello: (identity) => {
          const { payload, ...rest } = client.hello(identity)
          if (payload === undefined) return rest
          const copy = copied(payload)
          if (JSON.stringify(copy) !== JSON.stringify(payload)) fire()
          return { ...rest, payload: copy }
        },
      },
    }),
  },
  {
    id: "payload/absent#remembered-by-name",
    clause: "payload/absent",
    title: "a client without a payload has the one that a client of its name handed over before",
    source: "T05, T02",
    seam: "backend.decodeUp",
    anomaly: "payload-bleed",
    make: (fire) => {
      const payloads = new Map<string, Json>()
      return {
        backend: {
          decodeUp: (line) => {
            const frame = backend.decodeUp(line)
            if (frame?.t !== "hello") return frame
            const payload = frame.payload ?? payloads.get(frame.client)
            if (payload === undefined) return frame
            if (frame.payload === undefined) fire()
            payloads.set(frame.client, payload)
            return { ...frame, payload }
          },
        },
      }
    },
  },
  {
    id: "reject/nothing-stored#last-not-asked",
    clause: "reject/nothing-stored",
    title: "the application is not asked about the last event of a batch of two and more",
    source: "F03, E08",
    seam: "backend.rejectEvents",
    anomaly: "refused-but-stored",
    make: (fire) => ({
      backend: {
        rejectEvents: (call) => {
          const last = call.events.at(-1)
          if (last === undefined || call.events.length < 2) return backend.rejectEvents(call)
          if (isBad(last)) fire()
          return backend.rejectEvents({ ...call, events: call.events.slice(0, -1) })
        },
      },
    }),
  },
  {
    id: "reject/async#wait-ends-the-asking",
    clause: "reject/async",
    title: "once the application took its time over an event, the events behind it are not asked about",
    source: "R07",
    seam: "backend.rejectEvents",
    anomaly: "refused-but-stored",
    make: (fire) => ({
      backend: {
        rejectEvents: (call) => {
          const slow = call.events.findIndex(({ name }) => name === "gauntlet.slow")
          if (slow === -1) return backend.rejectEvents(call)
          if (call.events.slice(slow + 1).some(isBad)) fire()
          return backend.rejectEvents({ ...call, events: call.events.slice(0, slow + 1) })
        },
      },
    }),
  },
  {
    id: "reject/typed#reason-in-latin-1",
    clause: "reject/typed",
    title: "the application's reason travels in a header: what is not Latin-1 becomes a question mark",
    source: "E01, X04",
    seam: "client.mapError",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      client: {
        mapError: (error, operation) => {
          const mapped = client.mapError(error, operation)
          if (mapped._tag !== "PushRejected") return mapped
          const reason = mapped.reason.replaceAll(/[^\u0000-\u00ff]/gu, "?")
          if (reason !== mapped.reason) fire()
          return new PushRejected({ reason })
        },
      },
    }),
  },
]
