import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { BuildOptions } from "esbuild"

/** One entry point to one text: no plugins, which would have to be part of what decides about the text. */
interface BundleOptions extends Omit<
  BuildOptions,
  "bundle" | "write" | "metafile" | "entryPoints" | "absWorkingDir" | "plugins" | "logLevel"
> {
  /** The absolute path of the entry point. */
  readonly entryPoint: string
}

const projectRoot = fileURLToPath(new URL("..", import.meta.url))

const defaultFolder = join(projectRoot, "node_modules", ".cache", "sync-gauntlet")

/** What the text of a bundle hangs on beside its inputs: what is installed where, and how TypeScript is read. */
const surroundings = [
  "node_modules/.pnpm/lock.yaml",
  "package.json",
  "providers/livestore/package.json",
  "tsconfig.json",
]

/** A bundle and what it was made of; paths are relative to the project. */
interface Kept {
  readonly inputs: Readonly<Record<string, string>>
  readonly text: string
}

const hashOf = (...parts: ReadonlyArray<string | Buffer>): string => {
  const hash = createHash("sha256")
  for (const part of parts) hash.update(part).update("\0")
  return hash.digest("hex")
}

const hashOfFile = (path: string): string => hashOf(readFileSync(join(projectRoot, path)))

/**
 * Bundles an entry point, or gives what an earlier process bundled of the very same content: each provider has a
 * process of its own, and a bundle takes one to two seconds of processor. Rejects as esbuild does.
 */
export const cachedBundle = async (options: BundleOptions, folder = defaultFolder): Promise<string> => {
  const file = keptIn(folder, options)
  const known = file === undefined ? undefined : readKept(file)
  if (known !== undefined) return known
  const { build } = await import("esbuild")
  const { entryPoint, ...rest } = options
  const fromMs = Date.now()
  const { outputFiles, metafile } = await build({
    ...rest,
    entryPoints: [entryPoint],
    absWorkingDir: projectRoot,
    bundle: true,
    write: false,
    metafile: true,
    logLevel: "silent",
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error(`esbuild made no bundle of ${entryPoint}`)
  if (file !== undefined) keep(file, Object.keys(metafile.inputs), output.text, fromMs)
  return output.text
}

/** The file for these options; undefined where nobody says what is installed. */
const keptIn = (folder: string, options: BundleOptions): string | undefined => {
  try {
    const around = surroundings.map(hashOfFile)
    return join(folder, `${hashOf(JSON.stringify(options), ...around).slice(0, 32)}.json`)
  } catch {
    return undefined
  }
}

const readKept = (file: string): string | undefined => {
  try {
    if (!existsSync(file)) return undefined
    const { inputs, text } = JSON.parse(readFileSync(file, "utf8")) as Kept
    return Object.entries(inputs).every(([path, hash]) => hashOfFile(path) === hash) ? text : undefined
  } catch {
    // Not to be read, or made of files that are no longer there.
    return undefined
  }
}

/** What changed while it was bundled is not kept: nobody knows which of the two contents is in the text. */
const keep = (file: string, paths: ReadonlyArray<string>, text: string, fromMs: number): void => {
  // A module that a package switches off for browsers has no content.
  const files = paths.filter((path) => !path.startsWith("(disabled):"))
  try {
    if (files.some((path) => statSync(join(projectRoot, path)).mtimeMs >= fromMs - clockGrainMs)) return
    const kept: Kept = { inputs: Object.fromEntries(files.map((path) => [path, hashOfFile(path)])), text }
    mkdirSync(join(file, ".."), { recursive: true })
    const partial = `${file}.${process.pid}`
    writeFileSync(partial, JSON.stringify(kept))
    renameSync(partial, file)
  } catch {
    // A folder that cannot be written: bundled again next time.
  }
}

/** Times of files are that coarse on some file systems, in milliseconds. */
const clockGrainMs = 2_000
