import { Effect } from "effect"
import type { Json } from "../../contract/json.ts"
import type { Hook } from "../../contract/test-application.ts"
import type { BackendConnection } from "../mock/backend/connection.ts"
import type { StoreObject } from "../mock/backend/store-object.ts"
import { reference, type MockSeams } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"
import { payloadRejectedMutants } from "./payload-rejected.ts"

/** The application's hook is asked with another payload than the one that the connection came with; undefined for none. */
const asksWith = (
  fire: () => void,
  payloadFor: (call: Parameters<typeof reference.backend.authorise>[0]) => Json | undefined,
): Partial<MockSeams> => ({
  backend: {
    authorise: (call) =>
      Effect.suspend(() => {
        const { context, hook, record } = call
        const payload = payloadFor(call)
        if (record && JSON.stringify(payload) !== JSON.stringify(context.attachment.payload)) fire()
        if (record) context.app.record(hook, context.storeId, payload)
        return reference.backend.authorise({ ...call, record: false })
      }),
  },
})

/** One hook never learns of the payload. */
const withheld = (hook: Hook): Mutant => ({
  id: `payload/reaches#not-on-${hook}`,
  clause: "payload/reaches",
  check: "payload/reaches",
  title: `the payload does not reach the ${hook} hook`,
  source: "T01",
  seam: "backend.authorise",
  anomaly: "payload-bleed",
  make: (fire) => asksWith(fire, (call) => (call.hook === hook ? undefined : call.context.attachment.payload)),
})

/** The client hands over something else than the payload that it was given. */
const handsOver = (
  mutant: Pick<Mutant, "id" | "clause" | "title" | "source"> & { readonly check?: string },
  change: (payload: Json | undefined) => Json | undefined,
): Mutant => ({
  ...mutant,
  seam: "client.hello",
  anomaly: "payload-bleed",
  make: (fire) => ({
    client: {
      hello: (client) => {
        const { payload: _, ...bare } = reference.client.hello(client)
        const payload = change(client.payload)
        if (JSON.stringify(payload) !== JSON.stringify(client.payload)) fire()
        return payload === undefined ? bare : { ...bare, payload }
      },
    },
  }),
})

/** Every text inside a payload, changed. */
const mapTexts = (value: Json | undefined, change: (text: string) => string): Json | undefined =>
  value === undefined
    ? undefined
    : (JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
        typeof inner === "string" ? change(inner) : inner,
      ) as Json)

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "))
  } catch {
    return text
  }
}

/** Planted bugs in how payloads reach the application. */
export const payloadMutants: ReadonlyArray<Mutant> = [
  withheld("connect"),
  withheld("push"),
  withheld("pull"),
  withheld("live"),
  {
    id: "payload/reaches#forgotten-in-sleep",
    clause: "payload/reaches",
    check: "payload/reaches#after-eviction",
    title: "what a connection came with is kept in the object's memory, so it is gone once the object was evicted",
    source: "T04",
    seam: "backend.authorise",
    anomaly: "payload-bleed",
    make: (fire) => {
      const greetedBy = new WeakMap<BackendConnection, StoreObject>()
      return asksWith(fire, ({ context: { connection, object, attachment }, hook }) => {
        if (hook === "connect") greetedBy.set(connection, object)
        return greetedBy.get(connection) === object ? attachment.payload : undefined
      })
    },
  },
  {
    id: "payload/reaches#first-connection-only",
    clause: "payload/reaches",
    check: "payload/reaches#after-reconnect",
    title: "the client hands its payload over with its first connection and with no later one",
    source: "T01",
    seam: "client.hello",
    anomaly: "payload-bleed",
    make: (fire) => {
      const greeted = new Set<string>()
      return {
        client: {
          hello: (client) => {
            const { payload: _, ...bare } = reference.client.hello(client)
            const key = JSON.stringify([client.storeId, client.clientId])
            if (!greeted.has(key)) {
              greeted.add(key)
              return reference.client.hello(client)
            }
            fire()
            return bare
          },
        },
      }
    },
  },
  handsOver(
    {
      id: "payload/absent#null",
      clause: "payload/absent",
      title: "an absent payload is handed over as null",
      source: "T02",
    },
    (payload) => payload ?? null,
  ),
  handsOver(
    {
      id: "payload/absent#undefined-text",
      clause: "payload/absent",
      title: 'an absent payload is handed over as the text "undefined"',
      source: "T02",
    },
    (payload) => payload ?? String(payload),
  ),
  {
    id: "payload/absent#another-clients",
    clause: "payload/absent",
    title: "for a client without a payload the store's latest one is taken",
    source: "T05",
    seam: "backend.authorise",
    anomaly: "payload-bleed",
    make: (fire) => {
      const latest = new Map<string, Json>()
      return asksWith(fire, ({ context: { storeId, attachment } }) => {
        if (attachment.payload !== undefined) latest.set(storeId, attachment.payload)
        return attachment.payload ?? latest.get(storeId)
      })
    },
  },
  {
    id: "payload/own#last-greeting",
    clause: "payload/own",
    title: "all clients of a store are taken for the one that connected last",
    source: "T05",
    seam: "backend.authorise",
    anomaly: "payload-bleed",
    make: (fire) => {
      const latest = new Map<string, Json | undefined>()
      return asksWith(fire, ({ context: { storeId, attachment }, hook }) => {
        if (hook === "connect") latest.set(storeId, attachment.payload)
        return latest.get(storeId)
      })
    },
  },
  {
    id: "payload/own#at-once",
    clause: "payload/own",
    title: "requests of several clients that are handled at once share the first one's payload",
    source: "T05",
    seam: "backend.authorise",
    anomaly: "payload-bleed",
    make: (fire) => {
      // One variable for the request that is being handled, instead of one for each.
      let current: { readonly payload: Json | undefined } | undefined
      const seams = asksWith(fire, () => current?.payload)
      return {
        backend: {
          authorise: (call) =>
            Effect.gen(function* () {
              const mine = current === undefined
              if (mine) current = { payload: call.context.attachment.payload }
              yield* Effect.yieldNow
              yield* seams.backend!.authorise!(call)
              if (mine) current = undefined
            }),
        },
      }
    },
  },
  handsOver(
    {
      id: "payload/any-json#falsy",
      clause: "payload/any-json",
      title: "0, false, null and the empty text are taken for no payload",
      source: "T02",
    },
    (payload) => payload || undefined,
  ),
  handsOver(
    {
      id: "payload/any-json#decoded-twice",
      clause: "payload/any-json",
      title: "texts in a payload are decoded as if they were parts of an address",
      source: "T02",
    },
    (payload) => mapTexts(payload, decoded),
  ),
  handsOver(
    {
      id: "payload/any-json#normalised",
      clause: "payload/any-json",
      title: "texts in a payload are normalised",
      source: "X04",
    },
    (payload) => mapTexts(payload, (text) => text.normalize("NFC")),
  ),
  handsOver(
    {
      id: "payload/any-json#too-long",
      clause: "payload/any-json",
      title: "a payload of more than eight thousand characters is left out",
      source: "T02",
    },
    (payload) => ((JSON.stringify(payload) ?? "").length > 8_000 ? undefined : payload),
  ),
  ...payloadRejectedMutants,
]
