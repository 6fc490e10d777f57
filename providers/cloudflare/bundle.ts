import { fileURLToPath } from "node:url"
import { cachedBundle } from "../cached-bundle.ts"

/** Entry points in `worker/`: the stores, the client objects of a Worker of their own, and both in one. */
export type WorkerEntry = "worker" | "client-worker" | "worker-with-clients"

const bundled = new Map<WorkerEntry, Promise<string>>()

/** A Worker as one ES module, bundled from its TypeScript once in a process. */
export const workerBundle = (entry: WorkerEntry = "worker"): Promise<string> => {
  const known = bundled.get(entry) ?? bundle(entry)
  bundled.set(entry, known)
  return known
}

const bundle = (entry: WorkerEntry): Promise<string> =>
  cachedBundle({
    entryPoint: fileURLToPath(new URL(`./worker/${entry}.ts`, import.meta.url)),
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
  })
