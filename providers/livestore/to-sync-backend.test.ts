import {
  BackendIdMismatchError,
  IsOfflineError,
  ServerAheadError,
  UnknownError,
  type SyncBackend,
} from "@livestore/common"
import { KeyValueStore } from "@livestore/utils/effect"
import { Effect, Exit, Option, type Scope, Stream } from "effect"
import { describe, expect, it } from "vitest"
import type { AsyncSyncProvider } from "../../contract/async.ts"
import { toSyncBackend } from "./to-sync-backend.ts"

/** A client of which a test writes what it needs. */
const scripted = (parts: Partial<AsyncSyncProvider>): AsyncSyncProvider => ({
  connect: async () => undefined,
  push: async () => undefined,
  pull: async function* () {},
  ping: async () => undefined,
  isConnected: () => false,
  onConnectedChange: () => () => undefined,
  metadata: { name: "scripted", description: "", supports: { pullPageInfoKnown: true, pullLive: true } },
  close: async () => undefined,
  ...parts,
})

/** Uses a scripted client as LiveStore does; its store keeps one string, whatever the key. */
const using = <A, E>(
  parts: Partial<AsyncSyncProvider>,
  use: (backend: SyncBackend.SyncBackend) => Effect.Effect<A, E, Scope.Scope>,
): Promise<A> => {
  const make = toSyncBackend(async () => scripted(parts))({ storeId: "s", clientId: "c", payload: undefined })
  return Effect.runPromise(
    Effect.scoped(Effect.flatMap(make, use)).pipe(Effect.provideService(...oneString(new Map()))) as never,
  )
}

const oneString = (kept: Map<"it", string>) =>
  [
    KeyValueStore.KeyValueStore,
    KeyValueStore.makeStringOnly({
      get: () => Effect.sync(() => Option.fromNullable(kept.get("it"))),
      set: (_key, value) => Effect.sync(() => void kept.set("it", value)),
      remove: () => Effect.dieMessage("not there"),
      clear: Effect.dieMessage("not there"),
      size: Effect.dieMessage("not there"),
    }),
  ] as const

const rejecting = (thrown: unknown): Pick<AsyncSyncProvider, "push" | "pull"> => ({
  push: () => Promise.reject(thrown),
  pull: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(thrown) }) }),
})

describe("a LiveStore backend made of a provider", () => {
  it("fails with LiveStore's own errors", async () => {
    const failures = (thrown: unknown) =>
      using(rejecting(thrown), (backend) =>
        Effect.all([Effect.flip(backend.push([])), Effect.flip(Stream.runDrain(backend.pull(Option.none())))]),
      )
    const [ahead] = await failures({ _tag: "ServerAhead", head: 7, providedParent: 3 })
    expect(ahead).toEqual(new ServerAheadError({ minimumExpectedNum: 7 as never, providedNum: 3 as never }))
    for (const error of await failures({ _tag: "IsOffline", message: "gone" })) {
      expect(error).toBeInstanceOf(IsOfflineError)
    }
    for (const error of await failures({ _tag: "BackendIdMismatch", expected: "a", received: "b" })) {
      expect(error).toEqual(new BackendIdMismatchError({ expected: "a", received: "b" }))
    }
    const refused = { _tag: "PushRejected", reason: "no" }
    for (const error of await failures(refused)) {
      expect(error).toBeInstanceOf(UnknownError)
      expect((error as UnknownError).cause).toEqual(refused)
    }
  })

  it("dies where the provider died", async () => {
    const exit = await using(rejecting({ _tag: "Defect", message: "boom" }), (backend) => Effect.exit(backend.push([])))
    expect(exit).toEqual(Exit.die(new Error("boom")))
  })

  it("ends a live pull that is interrupted, and lets go of the client with its scope", async () => {
    const steps: Array<string> = []
    const pull: AsyncSyncProvider["pull"] = async function* (_cursor, _options, signal) {
      yield { events: [], pageInfo: { _tag: "NoMore" } }
      await new Promise((resolve) => signal.addEventListener("abort", resolve))
      steps.push("aborted")
    }
    await using({ pull, close: async () => void steps.push("closed") }, (backend) =>
      Stream.runDrain(Stream.take(backend.pull(Option.none(), { live: true }), 1)),
    )
    expect(steps).toEqual(["closed"])
  })

  it("keeps a client's memory in the one string that LiveStore keeps", async () => {
    const kept = new Map<"it", string>()
    const make = toSyncBackend(async ({ memory }) => {
      await memory.set("one", "1")
      await memory.set("two", `${await memory.get("one")}2`)
      await memory.remove("one")
      return scripted({})
    })
    const opened = Effect.scoped(make({ storeId: "s", clientId: "c", payload: undefined }))
    await Effect.runPromise(Effect.provideService(opened, ...oneString(kept)) as never)
    expect([...kept.values()]).toEqual(['{"two":"12"}'])
  })
})
