import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { cachedBundle } from "../../cached-bundle.ts"
import { makeOwnedDirectory } from "../../owned-directory.ts"

/** A program in one file, and what removes it. */
export interface BundledProgram {
  readonly file: string
  readonly remove: () => void
}

let bundled: Promise<string> | undefined

const bundle = (): Promise<string> =>
  cachedBundle({
    entryPoint: fileURLToPath(new URL("main.ts", import.meta.url)),
    format: "esm",
    platform: "node",
    target: "node24",
    external: ["pg-native"],
    // Packages of the other module kind ask for Node's own modules at run time.
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url)` },
  })

/**
 * The endpoint's code in one file: LiveStore's packages as they are take 1.5 s of processor to load, this 0.15.
 * Bundled once in a process: a run starts many hosts.
 */
export const bundleEndpoint = (): Promise<string> => (bundled ??= bundle())

/** Writes a program into a folder of its own. */
export const writeProgram = async (text: string): Promise<BundledProgram> => {
  const directory = makeOwnedDirectory("sync-gauntlet-endpoint-")
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  const file = join(directory, "endpoint.mjs")
  try {
    writeFileSync(file, text)
    return { file, remove }
  } catch (error) {
    remove()
    throw error
  }
}
