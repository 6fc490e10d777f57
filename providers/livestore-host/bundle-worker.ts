import { fileURLToPath } from "node:url"
import type { BackendWorker } from "../cloudflare/miniflare-backend.ts"

const entry = fileURLToPath(new URL("../livestore/worker.ts", import.meta.url))

let bundled: Promise<string> | undefined

/** The code of LiveStore's worker with the test application in its hooks; bundled once, which takes about a second. */
const bundle = (): Promise<string> => {
  bundled ??= (async () => {
    const esbuild = await import("esbuild")
    const { outputFiles } = await esbuild.build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
      conditions: ["workerd", "worker", "browser"],
      external: ["cloudflare:*"],
      // A large bundle starts in half the time when it is minified.
      minify: true,
      logLevel: "silent",
    })
    return outputFiles[0]?.text ?? ""
  })()
  return bundled
}

export const durableObjectClass = "SyncBackendDO"

/** LiveStore's worker as miniflare runs it. `version` is a variable of no use but to tell two deploys apart. */
export const livestoreWorker = async (options: {
  readonly token: string
  readonly version: number
}): Promise<BackendWorker> => ({
  name: "livestore",
  modules: [{ type: "ESModule", path: "livestore.mjs", contents: await bundle() }],
  // What LiveStore's own tests of its provider run on.
  compatibilityDate: "2024-12-01",
  // The last flag is the harness's: a weak reference tells whether an object is in memory.
  compatibilityFlags: ["nodejs_compat", "enable_request_signal", "enable_weak_ref"],
  bindings: { HARNESS_TOKEN: options.token, VERSION: options.version },
  durableObjects: { SYNC_BACKEND_DO: { className: durableObjectClass, useSQLite: true } },
})
