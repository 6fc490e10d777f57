import { randomUUID } from "node:crypto"
import { Effect, type Scope } from "effect"
import { HostError } from "../../../contract/errors.ts"
import type { Endpoint, OpenArgs } from "../../../contract/provider.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import type { CloudflareForm } from "../form.ts"
import type { WorkerTarget } from "../url.ts"
import { storeKey } from "../wire.ts"
import { openRemoteClient } from "./remote-client.ts"
import { remoteLink, type RemoteLink } from "./remote-link.ts"

/** Clients of one host that live in Durable Objects. */
export interface HostClients {
  /** Their links stand in the objects. */
  readonly endpoint: Endpoint
  readonly open: (args: OpenArgs) => Effect.Effect<SyncProvider, HostError, Scope.Scope>
  /** Keys of the objects that have a client of this store now. */
  readonly objectsOf: (storeId: string) => ReadonlyArray<string>
  /** From now on clients get objects of their own, whatever they are called. */
  readonly forget: () => void
}

export const hostClients = (parts: {
  readonly form: CloudflareForm
  readonly target: () => WorkerTarget
  readonly token: string
}): HostClients => {
  const links = new Map<string, RemoteLink>()
  const objects = new Map<string, Array<string>>()
  let generation = randomUUID()

  return {
    endpoint: {
      kind: "host",
      openLink: ({ seed, onEvent }) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            const link = remoteLink({ id: randomUUID(), seed, onEvent })
            if (link.address.kind === "host") links.set(link.address.id, link)
            return link
          }),
          ({ address }) => Effect.sync(() => address.kind === "host" && links.delete(address.id)),
        ),
    },
    open: ({ link: address, ...args }) =>
      Effect.gen(function* () {
        const link = address?.kind === "host" ? links.get(address.id) : undefined
        if (address !== undefined && link === undefined) {
          return yield* new HostError({ message: "this provider's links stand in its client objects" })
        }
        // All stores that a client opens are served by one object, which has to keep them apart.
        const owner = args.process ?? args.clientId
        const objectKey = yield* Effect.promise(() => storeKey(`${generation} ${owner}`))
        const open = objects.get(args.storeId) ?? []
        objects.set(args.storeId, open)
        yield* Effect.acquireRelease(
          Effect.sync(() => open.push(objectKey)),
          () => Effect.sync(() => open.splice(open.indexOf(objectKey), 1)),
        )
        const { form, target, token } = parts
        return yield* openRemoteClient({
          ...args,
          form,
          target,
          token,
          objectKey,
          ...(link === undefined ? {} : { link }),
        })
      }),
    objectsOf: (storeId) => objects.get(storeId) ?? [],
    forget: () => {
      generation = randomUUID()
      for (const [storeId, open] of objects) if (open.length === 0) objects.delete(storeId)
    },
  }
}
