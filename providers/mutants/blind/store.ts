import { posix } from "node:path"
import { Effect } from "effect"
import { reference } from "../../mock/seams.ts"
import type { StoredEvent } from "../../mock/stored-event.ts"
import type { Mutant } from "../mutant.ts"

const { backend } = reference

/** Changes the name of the store that a connection says hello to. */
const named =
  (change: (storeId: string) => string) =>
  (fire: () => void): ReturnType<Mutant["make"]> => ({
    backend: {
      decodeUp: (line) => {
        const frame = backend.decodeUp(line)
        if (frame?.t !== "hello") return frame
        const store = change(frame.store)
        if (store !== frame.store) fire()
        return { ...frame, store }
      },
    },
  })

const decoded = (storeId: string): string => {
  try {
    return decodeURIComponent(storeId)
  } catch {
    return storeId
  }
}

/** Tenancy. */
export const blindStore: ReadonlyArray<Mutant> = [
  {
    id: "store/similar-names#cut-at-255",
    clause: "store/similar-names",
    title: "what follows the 255th character of a store's name is cut off",
    source: "T05, X02",
    seam: "backend.decodeUp",
    anomaly: "store-bleed",
    make: named((storeId) => storeId.slice(0, 255)),
  },
  {
    id: "store/odd-names#percent-decoded",
    clause: "store/odd-names",
    title: "a store's name is percent-decoded once too often",
    source: "T07, T02",
    seam: "backend.decodeUp",
    anomaly: "store-bleed",
    make: named(decoded),
  },
  {
    id: "store/odd-names#path-resolved",
    clause: "store/odd-names",
    title: "a store's name is resolved like a path: a//b, a/./b and c/../a/b are one store",
    source: "T07",
    seam: "backend.decodeUp",
    anomaly: "store-bleed",
    make: named((storeId) => (storeId.includes("/") ? posix.normalize(storeId) : storeId)),
  },
  {
    id: "store/isolated#pages-kept-by-beginning",
    clause: "store/isolated",
    title: "pages are kept under the beginning of the store's name and the head: another store's may be served",
    source: "S03, T05",
    seam: "backend.readPage",
    anomaly: "store-bleed",
    make: (fire) => {
      const kept = new Map<string, { readonly storeId: string; readonly rows: ReadonlyArray<StoredEvent> }>()
      return {
        backend: {
          readPage: (call) =>
            Effect.map(backend.readPage(call), (read) => {
              const { storeId, storage } = call.context
              const key = `${storeId.slice(0, 4)} ${read.position} ${read.end} ${storage.data(storeId).head}`
              const page = kept.get(key)
              if (page === undefined) kept.set(key, { storeId, rows: read.rows })
              if (page === undefined || page.storeId === storeId || read.rows.length === 0) return read
              fire()
              return { ...read, rows: page.rows }
            }),
        },
      }
    },
  },
]
