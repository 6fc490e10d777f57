import { rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { makeOwnedDirectory } from "../../owned-directory.ts"

/** A program in one file, and what removes it. */
export interface BundledProgram {
  readonly file: string
  readonly remove: () => void
}

/** Writes the endpoint as one file (1 s): LiveStore's packages as they are take 1.5 s of processor to load, this 0.15. */
export const bundleEndpoint = async (): Promise<BundledProgram> => {
  const directory = makeOwnedDirectory("sync-gauntlet-endpoint-")
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  const file = join(directory, "endpoint.mjs")
  try {
    await build({
      entryPoints: [fileURLToPath(new URL("main.ts", import.meta.url))],
      outfile: file,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node24",
      external: ["pg-native"],
      // Packages of the other module kind ask for Node's own modules at run time.
      banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url)` },
      logLevel: "silent",
    })
    return { file, remove }
  } catch (error) {
    remove()
    throw error
  }
}
