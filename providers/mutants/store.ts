import { Effect } from "effect"
import { IsOffline, UnknownError } from "../../contract/errors.ts"
import type { PullItem } from "../../contract/event.ts"
import type { Json } from "../../contract/json.ts"
import { reference } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"

/** The client asks for another store than the one that it was opened for. */
const asksFor = (
  mutant: Pick<Mutant, "id" | "clause" | "title"> & { readonly source?: string },
  nameFor: (storeId: string) => string,
): Mutant => ({
  source: "T05",
  ...mutant,
  seam: "client.hello",
  anomaly: "store-bleed",
  make: (fire) => ({
    client: {
      hello: (client) => {
        const storeId = nameFor(client.storeId)
        if (storeId !== client.storeId) fire()
        return reference.client.hello({ ...client, storeId })
      },
    },
  }),
})

const similar = (word: string, title: string, nameFor: (storeId: string) => string): Mutant =>
  asksFor({ id: `store/similar-names#${word}`, clause: "store/similar-names", title }, nameFor)

const odd = (word: string, title: string, nameFor: (storeId: string) => string): Mutant =>
  asksFor({ id: `store/odd-names#${word}`, clause: "store/odd-names", source: "X06", title }, nameFor)

const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Takes the steps of a path: "a/../b" is "b". */
const walked = (path: string): string => {
  const steps: Array<string> = []
  for (const step of path.split("/")) {
    if (step === "..") steps.pop()
    else if (step !== "." && step !== "") steps.push(step)
  }
  return steps.join("/")
}

/** What a live pull of one store was given is given to the next live pull of another as well, once. */
const bleedsLive = (fire: () => void) => {
  let last: { readonly storeId: string; readonly item: PullItem } | undefined
  return {
    client: {
      deliver: ({ item, live, client }: Parameters<typeof reference.client.deliver>[0]) => {
        if (!live || item.events.length === 0) return [item]
        const alien = last !== undefined && last.storeId !== client.storeId ? last.item : undefined
        last = { storeId: client.storeId, item }
        if (alien === undefined) return [item]
        fire()
        return [alien, item]
      },
    },
  }
}

/** Planted bugs that mix stores up. */
export const storeMutants: ReadonlyArray<Mutant> = [
  {
    id: "store/isolated#empty-shows-another",
    clause: "store/isolated",
    check: "store/isolated",
    title: "a store without events of its own shows those of the store that was written last",
    source: "T05",
    seam: "backend.readPage",
    anomaly: "store-bleed",
    make: (fire) => {
      let last: string | undefined
      return {
        backend: {
          append: (call) => {
            last = call.context.storeId
            return reference.backend.append(call)
          },
          readPage: (call) => {
            const { context } = call
            if (context.storage.data(context.storeId).rows.length > 0 || last === undefined) {
              return reference.backend.readPage(call)
            }
            fire()
            const other = { ...context, storeId: last }
            const shown = { ...other, view: () => reference.backend.source(other) }
            return reference.backend.readPage({ ...call, context: shown })
          },
        },
      }
    },
  },
  {
    id: "store/isolated#live",
    clause: "store/isolated",
    check: "store/isolated",
    title: "live updates are routed by a number that two stores share",
    source: "T05",
    seam: "client.deliver",
    anomaly: "store-bleed",
    make: bleedsLive,
  },
  {
    id: "store/isolated#head",
    clause: "store/isolated",
    check: "store/isolated",
    title: "a refused push is told the head of the store that was written last",
    source: "T05",
    seam: "client.mapError",
    anomaly: "untrue-head",
    make: (fire) => {
      let last = 0
      return {
        backend: {
          append: (call) => {
            last = call.head
            return reference.backend.append(call)
          },
        },
        client: {
          mapError: (error, operation) => {
            if (error.tag !== "ServerAhead" || error["head"] === last)
              return reference.client.mapError(error, operation)
            fire()
            return reference.client.mapError({ ...error, head: last }, operation)
          },
        },
      }
    },
  },
  {
    id: "store/isolated#payload",
    clause: "store/isolated",
    check: "store/isolated#payload",
    title: "the application is asked with the payload of whoever connected last, to whatever store",
    source: "T05",
    seam: "backend.authorise",
    anomaly: "payload-bleed",
    make: (fire) => {
      let last: Json | undefined
      return {
        backend: {
          authorise: (call) =>
            Effect.suspend(() => {
              const { context, hook, record } = call
              if (hook === "connect") last = context.attachment.payload
              if (record && JSON.stringify(last) !== JSON.stringify(context.attachment.payload)) fire()
              if (record) context.app.record(hook, context.storeId, last)
              return reference.backend.authorise({ ...call, record: false })
            }),
        },
      }
    },
  },
  similar("case", "names of stores are compared without case", (name) => name.toLowerCase()),
  similar("dashes", "- and _ in a store's name are one", (name) => name.replaceAll("-", "_")),
  similar("unicode-form", "names of stores are normalised", (name) => name.normalize("NFC")),
  similar("64-characters", "a store's name ends after its 64th character", (name) => name.slice(0, 64)),
  similar("100-characters", "a store's name ends after its 100th character", (name) => name.slice(0, 100)),
  odd("paths", "a store's name is taken for a path", walked),
  odd("decoded", "a store's name is decoded as a part of an address", unescaped),
  odd("trimmed", "spaces around a store's name are taken off", (name) => name.trim()),
  odd("query", "a store's name ends where an address has its query", (name) => name.split(/[?#]/)[0]!),
  odd("quotes", "doubled quotes in a store's name are taken for one", (name) => name.replaceAll("''", "'")),
  odd("wildcards", "a store's name is looked up by a pattern", (name) => name.replace(/[%_]$/, "")),
  {
    id: "store/odd-names#refused-at-connect-alone",
    clause: "store/odd-names",
    title: "connect refuses a name with quotes, and push and pull take it",
    source: "T07",
    seam: "client.wrap",
    anomaly: "wrong-refusal",
    make: (fire) => {
      const quoted = new Set<string>()
      return {
        client: {
          hello: (client) => {
            if (/["']/.test(client.storeId)) quoted.add(client.storeId)
            return reference.client.hello(client)
          },
          wrap: (call) =>
            Effect.map(reference.client.wrap(call), (provider) => ({
              ...provider,
              connect: Effect.tap(provider.connect, () => {
                if (quoted.size === 0) return Effect.void
                quoted.clear()
                fire()
                return Effect.fail(new UnknownError({ message: "a name may not have quotes" }))
              }),
            })),
        },
      }
    },
  },
  {
    id: "store/many-on-one-client#one-connection",
    clause: "store/many-on-one-client",
    title: "the stores of one client share the connection that was made first",
    source: "T05",
    seam: "client.hello",
    anomaly: "store-bleed",
    make: (fire) => {
      const first = new Map<string, string>()
      return {
        client: {
          hello: (client) => {
            const storeId = first.get(client.clientId) ?? client.storeId
            first.set(client.clientId, storeId)
            if (storeId !== client.storeId) fire()
            return reference.client.hello({ ...client, storeId })
          },
        },
      }
    },
  },
  {
    id: "store/many-on-one-client#live",
    clause: "store/many-on-one-client",
    title: "live updates of one client are routed by a number that its stores share",
    source: "T05",
    seam: "client.deliver",
    anomaly: "store-bleed",
    make: bleedsLive,
  },
  {
    id: "store/many-on-one-client#closed-together",
    clause: "store/many-on-one-client",
    title: "closing one store of a client ends the connections of all its stores",
    source: "T05",
    seam: "client.wrap",
    anomaly: "wrong-refusal",
    make: (fire) => {
      let closed = false
      return {
        client: {
          wrap: (call) =>
            Effect.gen(function* () {
              const provider = yield* reference.client.wrap(call)
              yield* Effect.addFinalizer(() => Effect.sync(() => void (closed = true)))
              const push: typeof provider.push = (batch) =>
                Effect.suspend(() => {
                  if (!closed) return provider.push(batch)
                  fire()
                  return Effect.fail(new IsOffline({ message: "the client is closed" }))
                })
              return { ...provider, push }
            }),
        },
      }
    },
  },
]
