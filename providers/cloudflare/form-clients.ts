import { Effect, type Scope } from "effect"
import { HostError } from "../../contract/errors.ts"
import type { FrameClassifier } from "../../contract/frame.ts"
import type { Endpoint, OpenArgs } from "../../contract/provider.ts"
import type { SyncProvider } from "../../contract/sync-provider.ts"
import { harnessClientOptions } from "./capabilities.ts"
import { classifyExchanges, classifyFrames } from "./classify.ts"
import { openCloudflareClient } from "./client/client.ts"
import type { Dial } from "./client/link.ts"
import type { CloudflareForm } from "./form.ts"
import type { OpenStores } from "./open-stores.ts"
import { hostClients, type HostClients } from "./rpc/host-clients.ts"
import type { WorkerTarget } from "./url.ts"

/** How clients of one form come to a Worker, whoever runs it: the one place that tells the transports apart. */
export interface FormClients {
  readonly open: (args: OpenArgs) => Effect.Effect<SyncProvider, HostError, Scope.Scope>
  /** Where links can stand: before a Worker that speaks plain HTTP, or in the objects that clients are. */
  readonly endpoint: Endpoint | undefined
  readonly classify: () => FrameClassifier
  /** The clients that are objects; undefined where they live in this process. */
  readonly objects: HostClients | undefined
}

export const formClients = (parts: {
  readonly form: CloudflareForm
  readonly target: () => WorkerTarget
  readonly token: string
  readonly stores: OpenStores
  /** Whether what comes from there is encrypted, so that no link can read it. */
  readonly secure?: boolean
  /** Dials in place of the transport's own way. */
  readonly dial?: Dial
}): FormClients => {
  const { form, target, token, stores, dial } = parts
  const objects = form.transport === "do-rpc" ? hostClients({ form, target, token }) : undefined
  const overHttp = form.transport === "http"

  const open: FormClients["open"] = (args) =>
    Effect.gen(function* () {
      yield* Effect.acquireRelease(
        Effect.sync(() => stores.opened(args.storeId)),
        (closed) => Effect.sync(closed),
      )
      if (objects !== undefined) return yield* objects.open(args)
      const { link, ...own } = args
      if (link !== undefined && link.kind !== "tcp") {
        return yield* new HostError({ message: "this provider needs a TCP link" })
      }
      return yield* openCloudflareClient({
        ...own,
        form,
        target: () => link ?? target(),
        options: harnessClientOptions,
        ...(dial === undefined ? {} : { dial }),
      })
    })

  const outside: Endpoint | undefined =
    parts.secure === true ? undefined : { kind: "tcp", protocol: overHttp ? "http" : "websocket", target }
  return {
    open,
    endpoint: objects?.endpoint ?? outside,
    classify: overHttp ? classifyExchanges : classifyFrames,
    objects,
  }
}
