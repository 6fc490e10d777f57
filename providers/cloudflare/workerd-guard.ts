import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"

const wrapperPath = fileURLToPath(new URL("./workerd-guard.sh", import.meta.url))

/** The real workerd: the one that the environment names, else the one that miniflare brings. */
const findWorkerd = (): { readonly path: string; readonly version: string } => {
  const fromHere = createRequire(import.meta.url)
  const fromMiniflare = createRequire(fromHere.resolve("miniflare"))
  const named = process.env["MINIFLARE_WORKERD_PATH"]
  const { default: bundled } = fromMiniflare("workerd") as { readonly default: string }
  const { version } = fromMiniflare("workerd/package.json") as { readonly version: string }
  return named !== undefined && named !== wrapperPath
    ? { path: named, version: `${version} (MINIFLARE_WORKERD_PATH)` }
    : { path: bundled, version }
}

let found: { readonly path: string; readonly version: string } | undefined

/**
 * Makes miniflare start workerd through `workerd-guard.sh`, so that no workerd outlives its parent, however that
 * ends. Give `runtimeEnv` to miniflare as `unsafeRuntimeEnv`. With `pidFile` the pid of the running workerd is
 * written there. Sets `MINIFLARE_WORKERD_PATH` of this process, because miniflare reads the path nowhere else.
 */
export const guardWorkerd = (options: {
  readonly pidFile?: string
}): { readonly runtimeEnv: Record<string, string>; readonly workerdVersion: string } => {
  found ??= findWorkerd()
  // A shell script cannot be spawned on Windows; there workerd runs unguarded.
  if (process.platform !== "win32") process.env["MINIFLARE_WORKERD_PATH"] = wrapperPath
  const runtimeEnv: Record<string, string> = { SYNC_GAUNTLET_WORKERD: found.path }
  if (options.pidFile !== undefined) runtimeEnv["SYNC_GAUNTLET_WORKERD_PID"] = options.pidFile
  return { runtimeEnv, workerdVersion: found.version }
}
