import type { BackendWorker } from "../miniflare-backend.ts"

/** Where the client objects live: in a Worker of their own, or in that of the stores. */
export type ClientTopology = "separate" | "same"

const clientWorker = "sync-clients"
/** The client counts bytes with Node's Buffer; the harness's link names HTTP statuses. */
const clientFlags = ["nodejs_compat"]

/** The Worker of the stores, with client objects in it or in a Worker beside it. Each can call the other's objects. */
export const withClientObjects = (
  worker: BackendWorker,
  topology: ClientTopology,
  clientScript: string,
): BackendWorker => {
  const clientClass = { className: "ClientObject", useSQLite: true }
  if (topology === "same") {
    return {
      ...worker,
      compatibilityFlags: [...(worker.compatibilityFlags ?? []), ...clientFlags],
      durableObjects: { ...worker.durableObjects, CLIENT: clientClass },
    }
  }
  return {
    ...worker,
    durableObjects: { ...worker.durableObjects, CLIENT: { ...clientClass, scriptName: clientWorker } },
    serviceBindings: { CLIENT_WORKER: clientWorker },
    beside: [
      {
        name: clientWorker,
        ...(worker.compatibilityDate === undefined ? {} : { compatibilityDate: worker.compatibilityDate }),
        compatibilityFlags: clientFlags,
        modules: [{ type: "ESModule", path: "client-worker.js", contents: clientScript }],
        durableObjects: {
          CLIENT: clientClass,
          STORE: { className: "StoreObject", scriptName: worker.name, useSQLite: true },
        },
        ...(worker.bindings === undefined ? {} : { bindings: worker.bindings }),
      },
    ],
  }
}
