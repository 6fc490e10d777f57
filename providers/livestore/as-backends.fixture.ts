import { makeMockSyncBackend } from "@livestore/common/sync"
import * as effect from "effect"
import { Effect, Exit, Scope } from "effect"
import type { Provider } from "../../contract/provider.ts"
import { fromSyncBackend } from "../from-sync-backend.ts"
import { mock } from "../mock/provider.ts"
import { toAsync } from "../to-async.ts"
import { toSyncBackend } from "./to-sync-backend.ts"

/** A provider and how it ends. */
interface Made {
  readonly provider: Provider
  readonly stop: () => Promise<void>
}

/** LiveStore's mock, handed over with its own Effect 3. */
export const publishedMock = async (): Promise<Made> => {
  const scope = Effect.runSync(Scope.make())
  const backend = await Effect.runPromise(Scope.extend(makeMockSyncBackend(), scope))
  const provider = fromSyncBackend(() => backend.makeSyncBackend, {
    effect,
    key: "mock",
    title: "LiveStore's mock",
    // It names the least number that it would take, and the first that it was given.
    ahead: ({ minimumExpectedNum, providedNum }) => ({
      head: minimumExpectedNum - 1,
      providedParent: providedNum - 1,
    }),
  })
  return { provider, stop: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}

/** The mock of this project, made a LiveStore backend and a provider again. */
export const thereAndBack = async (): Promise<Made> => {
  const { open, stop } = await toAsync(mock, { patience: 10 })
  const provider = fromSyncBackend(toSyncBackend(open), {
    effect,
    key: "there-and-back",
    title: "the mock, as a LiveStore backend, as a provider",
    capabilities: { limits: mock.capabilities.limits, supports: mock.capabilities.supports },
  })
  return { provider, stop }
}
