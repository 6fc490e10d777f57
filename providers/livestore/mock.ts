import { makeMockSyncBackend, type MockSyncBackend } from "@livestore/common/sync"
import { Effect, Exit, Scope, Stream } from "effect"
import type { AsyncOpenArgs, AsyncSyncProvider } from "../../contract/async.ts"
import type { EventEncoded } from "../../contract/event.ts"
import type { AheadReading } from "../sync-backend/translate-error.ts"
import { openClient } from "./open-client.ts"

/** LiveStore's published mock backends, one for each store, in this process. */
export interface MockBackends {
  readonly open: (args: AsyncOpenArgs) => Promise<AsyncSyncProvider>
  /** What a store's backend took, as the mock itself tells it (`pushedEvents`). */
  readonly pushed: (storeId: string) => ReadonlyArray<EventEncoded>
  /** Ends every backend. */
  readonly clear: () => Promise<void>
}

interface Running {
  readonly mock: MockSyncBackend
  readonly pushed: Array<EventEncoded>
}

/** It reports the least number that it would take and the first that it was given. */
const leastAndFirst: AheadReading = ({ minimumExpectedNum, providedNum }) => ({
  head: minimumExpectedNum - 1,
  providedParent: providedNum - 1,
})

/** Backends are made when their store is first opened; they keep their logs until `clear`. */
export const mockBackends = (): MockBackends => {
  let scope = Effect.runSync(Scope.make())
  const running = new Map<string, Promise<Running>>()
  const seen = new Map<string, Array<EventEncoded>>()

  const start = async (storeId: string): Promise<Running> => {
    const pushed: Array<EventEncoded> = []
    seen.set(storeId, pushed)
    const mock = await Effect.runPromise(Scope.extend(makeMockSyncBackend(), scope))
    const follow = Stream.runForEach(mock.pushedEvents, (event) => Effect.sync(() => void pushed.push(event)))
    Effect.runFork(Scope.extend(Effect.forkScoped(follow), scope))
    return { mock, pushed }
  }
  return {
    open: async (args) => {
      const known = running.get(args.storeId) ?? start(args.storeId)
      running.set(args.storeId, known)
      const { mock } = await known
      return openClient(args, () => mock.makeSyncBackend, { ahead: leastAndFirst })
    },
    pushed: (storeId) => [...(seen.get(storeId) ?? [])],
    clear: async () => {
      running.clear()
      seen.clear()
      await Effect.runPromise(Scope.close(scope, Exit.void))
      scope = Effect.runSync(Scope.make())
    },
  }
}
