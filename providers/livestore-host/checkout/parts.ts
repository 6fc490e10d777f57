import { workerEntryOf } from "../bundle-worker.ts"
import { everyForm, keyOf } from "../form.ts"
import type { PackageName } from "./read-checkout.ts"

/** What is bundled of a working copy: a module beside LiveStore's packages, or the program before Electric. */
export type Part = "client" | "mock" | "electric" | "worker" | "worker-with-clients" | "endpoint"

/** LiveStore's constructors of backends. */
export type Constructor = "makeWsSync" | "makeHttpSync" | "makeDoRpcSync" | "makeMockSyncBackend" | "makeSyncBackend"

/** What a provider of LiveStore's runs. */
interface Needs {
  readonly parts: ReadonlyArray<Part>
  readonly packages: ReadonlyArray<PackageName>
  readonly constructor: Constructor
}

const constructors = { ws: "makeWsSync", http: "makeHttpSync", "do-rpc": "makeDoRpcSync" } as const

/** By key, what each provider of LiveStore's code runs of it. */
export const needsOf: ReadonlyMap<string, Needs> = new Map<string, Needs>([
  ["livestore-mock", { parts: ["mock"], packages: ["common", "utils"], constructor: "makeMockSyncBackend" }],
  [
    "livestore-electric",
    {
      parts: ["electric", "endpoint"],
      packages: ["common", "utils", "sync-electric"],
      constructor: "makeSyncBackend",
    },
  ],
  ...everyForm.map((form): [string, Needs] => [
    keyOf(form),
    {
      parts: ["client", workerEntryOf(form)],
      packages: ["common", "utils", "sync-cf"],
      constructor: constructors[form.transport],
    },
  ]),
])
