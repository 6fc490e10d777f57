import { Effect, Layer, Stream } from "effect"
import { UnknownError, type SyncError } from "../../contract/errors.ts"
import type { StorageFault } from "../../contract/fault.ts"
import { ProviderHost, type Provider } from "../../contract/provider.ts"
import type { Supports } from "../../contract/sync-provider.ts"
import { makeMock, mock as plainMock } from "../../providers/mock/provider.ts"
import { reference } from "../../providers/mock/seams.ts"

/** The errors that LiveStore's own type has; every other one becomes an unknown error. */
const asLiveStoreSays = (error: SyncError): never =>
  (error._tag === "IsOffline" || error._tag === "ServerAhead" || error._tag === "BackendIdMismatch"
    ? error
    : new UnknownError({ message: `${error._tag}: ${error.message}` })) as never

/** A mock that is right in everything and can say no more than LiveStore's errors can. */
export const mockWithLiveStoreErrors = (): Provider => {
  const mock = makeMock({
    key: "mock-livestore-errors",
    seams: () => ({
      client: {
        wrap: (call) =>
          Effect.map(reference.client.wrap(call), (provider) => ({
            ...provider,
            connect: Effect.mapError(provider.connect, asLiveStoreSays),
            push: (batch) => Effect.mapError(provider.push(batch), asLiveStoreSays),
            pull: (cursor, options) => Stream.mapError(provider.pull(cursor, options), asLiveStoreSays),
            ping: Effect.mapError(provider.ping, asLiveStoreSays),
          })),
      },
    }),
  })
  return { ...mock, capabilities: { ...mock.capabilities, errors: "livestore" } }
}

/** A mock that declares and says that it supports no more than this, whatever it really does. */
export const mockThatSupports = (supports: Supports): Provider => {
  const mock = makeMock({
    key: "mock-modest",
    seams: () => ({
      client: {
        wrap: (call) =>
          Effect.map(reference.client.wrap(call), (provider) => ({
            ...provider,
            metadata: { ...provider.metadata, supports },
          })),
      },
    }),
  })
  return { ...mock, capabilities: { ...mock.capabilities, supports } }
}

/** The mock with a fault on the storage of every store, from the first client on. */
export const mockUnder = (fault: StorageFault): Provider => ({
  ...plainMock,
  key: `mock-under-${fault.kind}`,
  layer: Layer.effect(
    ProviderHost,
    Effect.map(ProviderHost, (host) => {
      const stores = new Set<string>()
      const { storage, open } = host
      return {
        ...host,
        open: (args) => {
          const first = !stores.has(args.storeId)
          stores.add(args.storeId)
          const opened = open(args)
          return first && storage?.fault !== undefined
            ? Effect.andThen(storage.fault(args.storeId, fault), opened)
            : opened
        },
      }
    }),
  ).pipe(Layer.provide(plainMock.layer)),
})
