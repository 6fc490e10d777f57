import { Effect } from "effect"
import { moreUnknown } from "../../contract/event.ts"
import type { SyncProvider } from "../../contract/sync-provider.ts"
import { reference, type MockSeams } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"
import { misstates } from "./page-info.ts"

/** The client with something else in the place of its members. */
const changes =
  (change: (provider: SyncProvider) => Record<string, unknown>) =>
  (fire: () => void): Partial<MockSeams> => ({
    client: {
      wrap: (call) =>
        Effect.map(reference.client.wrap(call), (provider) => {
          fire()
          return { ...provider, ...change(provider) } as SyncProvider
        }),
    },
  })

const shape = (word: string, title: string, change: (provider: SyncProvider) => Record<string, unknown>): Mutant => ({
  id: `meta/shape#${word}`,
  clause: "meta/shape",
  title,
  source: "contract",
  seam: "client.wrap",
  anomaly: "defect",
  make: changes(change),
})

const supports = (word: string, title: string, claimed: Partial<SyncProvider["metadata"]["supports"]>): Mutant => ({
  id: `meta/supports-honest#${word}`,
  clause: "meta/supports-honest",
  check: "meta/supports-honest",
  title,
  source: "P04",
  seam: "client.wrap",
  anomaly: "page-info-lie",
  make: changes(({ metadata }) => ({ metadata: { ...metadata, supports: { ...metadata.supports, ...claimed } } })),
})

/** Planted bugs in what a client says about itself. */
export const metaMutants: ReadonlyArray<Mutant> = [
  shape("no-ping", "there is no ping", () => ({ ping: undefined })),
  shape("no-status", "isConnected is a plain value", () => ({ isConnected: true })),
  shape("nameless", "the name is empty", ({ metadata }) => ({ metadata: { ...metadata, name: " " } })),
  shape("no-description", "there is no description", ({ metadata }) => ({
    metadata: { ...metadata, description: undefined },
  })),
  shape("promises", "push gives a promise", () => ({ push: () => Promise.resolve() })),
  shape("no-supports", "it says nothing about what it supports", ({ metadata: { name, description } }) => ({
    metadata: { name, description },
  })),
  supports("denies-live", "live pulls are denied and work", { pullLive: false }),
  supports("denies-remainder", "the remainder is denied and known", { pullPageInfoKnown: false }),
  {
    id: "meta/supports-honest#no-live",
    clause: "meta/supports-honest",
    check: "meta/supports-honest",
    title: "live pulls are claimed, and end like any other",
    source: "P04",
    seam: "client.isLive",
    anomaly: "silent-live",
    make: (fire) => ({
      client: {
        isLive: (options) => {
          if (options?.live === true) fire()
          return false
        },
      },
    }),
  },
  {
    id: "meta/supports-honest#unknown-remainder",
    clause: "meta/supports-honest",
    check: "meta/supports-honest#pages",
    title: "the remainder is claimed to be known, and not said",
    source: "P04",
    seam: "client.deliver",
    anomaly: "page-info-lie",
    make: misstates(() => moreUnknown),
  },
]
