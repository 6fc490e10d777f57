import { Effect } from "effect"
import { referenceBackendSeams } from "./backend/reference-seams.ts"
import type { BackendSeams } from "./backend/seams.ts"
import { referenceClientSeams } from "./client/reference-seams.ts"
import type { ClientSeams } from "./client/seams.ts"
import { storageSeams, type StorageSeams } from "./store-data.ts"

/**
 * Every place where the mock can be made wrong, by name. `backend`, `client` and `storage` are replaced one by one;
 * what a mutant does not name stays as it should be.
 */
export interface MockSeams {
  readonly backend: Partial<BackendSeams>
  readonly client: Partial<ClientSeams>
  readonly storage: Partial<StorageSeams>
}

/** A seam that does nothing within its call: a mutant may run what it gives later, again, or never. */
const deferred =
  <Call, A, E>(seam: (call: Call) => Effect.Effect<A, E>) =>
  (call: Call): Effect.Effect<A, E> =>
    Effect.suspend(() => seam(call))

const backend = referenceBackendSeams
const client = referenceClientSeams

/** The mock as it should be: what a mutant calls for everything but its own mistake. */
export const reference = {
  backend: {
    ...backend,
    authorise: deferred(backend.authorise),
    takeOver: deferred(backend.takeOver),
    identity: deferred(backend.identity),
    rejectEvents: deferred(backend.rejectEvents),
    append: deferred(backend.append),
    sync: deferred(backend.sync),
    source: deferred(backend.source),
    acknowledge: deferred(backend.acknowledge),
    publish: deferred(backend.publish),
    subscribe: deferred(backend.subscribe),
    unsubscribe: deferred(backend.unsubscribe),
    locate: deferred(backend.locate),
    readPage: deferred(backend.readPage),
    pageInfo: deferred(backend.pageInfo),
  } satisfies BackendSeams,
  client: { ...client, encodeBatch: deferred(client.encodeBatch) } satisfies ClientSeams,
  storage: storageSeams,
} as const

/** The seams of a mock with these in the place of the reference's. */
export const seamsWith = (changed: Partial<MockSeams> = {}) => ({
  backend: { ...backend, ...changed.backend },
  client: { ...client, ...changed.client },
  storage: { ...storageSeams, ...changed.storage },
})
