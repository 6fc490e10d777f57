import type { AsyncOpenArgs } from "../../../contract/async.ts"
import type { LivestoreBuild } from "../build.ts"
import { BadCheckout } from "./bad-checkout.ts"
import type { Constructor } from "./parts.ts"

const args: AsyncOpenArgs = {
  storeId: "probe",
  clientId: "probe",
  memory: { get: async () => undefined, set: async () => undefined, remove: async () => undefined },
}

/** Where nothing listens: a constructor has to give a client all the same. */
const nowhere = "http://127.0.0.1:9"

/** Opens one client of a build. It is not closed, which may take long: the process ends. */
const openers: Readonly<Record<Constructor, (build: LivestoreBuild) => Promise<unknown>>> = {
  makeWsSync: async ({ clients }) => (await clients()).openWsClient(args, { url: nowhere }),
  makeHttpSync: async ({ clients }) => (await clients()).openHttpClient(args, { url: nowhere }),
  makeDoRpcSync: async ({ clients }) => (await clients()).rpcMetadata(),
  makeMockSyncBackend: async ({ mock }) => (await mock()).mockBackends().open(args),
  makeSyncBackend: async ({ electric }) => (await electric()).openElectricClient(args, { endpoint: nowhere }),
}

/** Opens one client with a constructor of a working copy. Rejects with `BadCheckout` when it throws or fails. */
export const tryConstructor = async (build: LivestoreBuild, name: Constructor, dir: string): Promise<void> => {
  await openers[name](build).catch((error: unknown) => {
    const { message = String(error) } = error as { readonly message?: string }
    throw new BadCheckout(`${dir}: its ${name} gives no client: ${message.split("\n")[0]}`)
  })
}
