import { isAbsolute, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import type { BuildFailure, BuildOptions, Plugin } from "esbuild"
import { BadCheckout } from "./bad-checkout.ts"
import type { Part } from "./parts.ts"
import type { Checkout } from "./read-checkout.ts"

/** The harness's own code that imports LiveStore's packages. */
const beside = fileURLToPath(new URL("../../livestore/", import.meta.url))

const livestorePackage = /^@livestore\/([^/]+)/

/**
 * What the harness's code beside LiveStore imports of LiveStore and of Effect comes from the checkout; what the
 * checkout's files import comes from where they lie, as always.
 */
const fromCheckout = ({ dir, packages }: Checkout): Plugin => ({
  name: "livestore-checkout",
  setup: (build) => {
    build.onResolve({ filter: /^(@livestore\/|@opentelemetry\/|effect$|effect\/)/ }, (asked) => {
      const { path, importer, kind, pluginData } = asked
      const within = relative(beside, importer)
      if (pluginData === "asked" || within.startsWith("..") || isAbsolute(within)) return undefined
      const name = livestorePackage.exec(path)?.[1] ?? "utils"
      const resolveDir = packages.get(name)?.folder ?? dir
      return build.resolve(path, { kind, resolveDir, pluginData: "asked" })
    })
  },
})

const requireBanner = `import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url)`

const forNode: BuildOptions = {
  platform: "node",
  target: "node24",
  external: ["pg-native"],
  // Packages of the other module kind ask for Node's own modules at run time.
  banner: { js: requireBanner },
}

const forWorkerd: BuildOptions = {
  platform: "browser",
  conditions: ["workerd", "worker", "browser"],
  external: ["cloudflare:*"],
  minify: true,
}

const sourceOf = (part: Part): string =>
  part === "endpoint"
    ? fileURLToPath(new URL("../../livestore-electric/endpoint/main.ts", import.meta.url))
    : join(beside, `${part}.ts`)

/** Each of them shares chunks with its like. */
const likes: ReadonlyArray<{ readonly parts: ReadonlyArray<Part>; readonly options: BuildOptions }> = [
  { parts: ["client", "mock", "electric"], options: { ...forNode, splitting: true } },
  { parts: ["endpoint"], options: forNode },
  { parts: ["worker"], options: forWorkerd },
  { parts: ["worker-with-clients"], options: forWorkerd },
]

/** Bundles parts with LiveStore's code and dependencies from a checkout into a folder. Rejects with `BadCheckout`. */
export const bundleCheckout = async (checkout: Checkout, wanted: ReadonlySet<Part>, into: string): Promise<void> => {
  const { build } = await import("esbuild")
  for (const { parts, options } of likes) {
    const chosen = parts.filter((part) => wanted.has(part))
    if (chosen.length === 0) continue
    await build({
      ...options,
      bundle: true,
      format: "esm",
      entryPoints: chosen.map((part) => ({ in: sourceOf(part), out: part })),
      outdir: into,
      outExtension: { ".js": ".mjs" },
      plugins: [fromCheckout(checkout)],
      logLevel: "silent",
    }).catch((error: unknown) => {
      throw new BadCheckout(`${checkout.dir} cannot be bundled: ${whyNot(error)}`)
    })
  }
}

/** The first thing that esbuild says, with its place. */
const whyNot = (error: unknown): string => {
  const [first] = (error as Partial<BuildFailure>).errors ?? []
  if (first === undefined) return String((error as Error).message).split("\n")[0] ?? ""
  const { text, location } = first
  return location === null ? text : `${text} (${location.file}:${location.line})`
}
