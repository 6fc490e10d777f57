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

/** The mock as it should be: what a mutant calls for everything but its own mistake. */
export const reference = {
  backend: referenceBackendSeams,
  client: referenceClientSeams,
  storage: storageSeams,
} as const

/** The seams of a mock with these in the place of the reference's. */
export const seamsWith = (changed: Partial<MockSeams> = {}) => ({
  backend: { ...reference.backend, ...changed.backend },
  client: { ...reference.client, ...changed.client },
  storage: { ...reference.storage, ...changed.storage },
})
