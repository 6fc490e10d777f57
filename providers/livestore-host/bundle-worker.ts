import { fileURLToPath } from "node:url"
import { cachedBundle } from "../cached-bundle.ts"
import type { BackendWorker } from "../cloudflare/miniflare-backend.ts"
import type { LivestoreForm } from "./form.ts"

/** The Worker of stores alone, and the one that client objects live in too. */
export type WorkerEntry = "worker" | "worker-with-clients"

const bundles = new Map<WorkerEntry, Promise<string>>()

/** The code of LiveStore's published worker with the test application in its hooks. */
export const bundleWorker = (entry: WorkerEntry): Promise<string> => {
  const known = bundles.get(entry)
  if (known !== undefined) return known
  const made = cachedBundle({
    entryPoint: fileURLToPath(new URL(`../livestore/${entry}.ts`, import.meta.url)),
    format: "esm",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    // A large bundle starts in half the time when it is minified.
    minify: true,
  })
  bundles.set(entry, made)
  return made
}

/** The class of a form's objects. */
export const durableObjectClass = ({ storage }: LivestoreForm): string =>
  storage === "d1" ? "SyncBackendD1" : "SyncBackendDO"

/** Which of the two a form runs. */
export const workerEntryOf = ({ transport }: LivestoreForm): WorkerEntry =>
  transport === "do-rpc" ? "worker-with-clients" : "worker"

/** LiveStore's worker as miniflare runs it. `version` is a variable of no use but to tell two deploys apart. */
export const livestoreWorker = async (
  form: LivestoreForm,
  codeOf: (entry: WorkerEntry) => Promise<string>,
  options: { readonly token: string; readonly version: number },
): Promise<BackendWorker> => {
  const hasClients = form.transport === "do-rpc"
  return {
    name: "livestore",
    modules: [
      {
        type: "ESModule",
        path: "livestore.mjs",
        contents: await codeOf(workerEntryOf(form)),
      },
    ],
    // What LiveStore's own tests of its provider run on.
    compatibilityDate: "2024-12-01",
    // The last flag is the harness's: a weak reference tells whether an object is in memory.
    compatibilityFlags: ["nodejs_compat", "enable_request_signal", "enable_weak_ref"],
    bindings: { HARNESS_TOKEN: options.token, VERSION: options.version },
    durableObjects: {
      SYNC_BACKEND_DO: { className: durableObjectClass(form), useSQLite: true },
      ...(hasClients && { CLIENT_DO: { className: "ClientDO", useSQLite: true } }),
    },
    ...(form.storage === "d1" && { d1Databases: { DB: "logs" } }),
  }
}
