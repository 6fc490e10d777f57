import { existsSync, readFileSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { BadCheckout } from "./bad-checkout.ts"

/** LiveStore's packages that the harness's providers are made of. */
export type PackageName = "common" | "utils" | "sync-cf" | "sync-electric"

/** A working copy of LiveStore with its dependencies installed. */
export interface Checkout {
  readonly dir: string
  /** The folder of each package that was asked for, and the version that it names. */
  readonly packages: ReadonlyMap<string, { readonly folder: string; readonly version: string }>
}

/** The Effect that the harness's code beside LiveStore's clients and worker is written for. */
const effectMajor = 3

/** Looks for these packages in a folder without running anything of it. Throws `BadCheckout`. */
export const readCheckout = (dir: string, names: ReadonlyArray<PackageName>): Checkout => {
  if (!existsSync(dir)) throw new BadCheckout(`${dir}: there is no such folder`)
  if (!statSync(dir).isDirectory()) {
    throw new BadCheckout(`${dir} is not a folder; name the root of LiveStore's checkout`)
  }
  const packages = new Map(names.map((name) => [name, readPackage(dir, name)]))
  const effects = new Map([...packages].map(([name, { folder }]) => [name, installedEffect(dir, name, folder)]))
  const versions = new Set(effects.values())
  if (versions.size > 1) {
    const each = [...effects].map(([name, version]) => `${version} in ${name}`).join(", ")
    throw new BadCheckout(
      `${dir}: its packages find several versions of effect (${each}); install its dependencies again`,
    )
  }
  for (const version of versions) {
    if (Number(version.split(".")[0]) === effectMajor) continue
    throw new BadCheckout(
      `${dir} runs on effect ${version}, and this harness runs LiveStore's packages on effect ${effectMajor}; ` +
        `hand its constructor over in a provider file, with fromSyncBackend`,
    )
  }
  return { dir, packages }
}

const readPackage = (dir: string, name: PackageName): { readonly folder: string; readonly version: string } => {
  const folder = join(dir, "packages", "@livestore", name)
  const card = readCard(join(folder, "package.json"))
  if (card?.name !== `@livestore/${name}` || card.version === undefined) {
    throw new BadCheckout(`${dir} is no checkout of LiveStore: it has no packages/@livestore/${name}`)
  }
  return { folder, version: card.version }
}

/** The version of the Effect that a package finds. */
const installedEffect = (dir: string, name: PackageName, folder: string): string => {
  const version = readCard(cardOf("effect", folder))?.version
  if (version !== undefined) return version
  throw new BadCheckout(
    `${dir}: its dependencies are not installed (packages/@livestore/${name} finds no effect); run its package manager's install`,
  )
}

/** Where the package.json of a dependency lies, as Node looks for it; "" where there is none. */
const cardOf = (dependency: string, folder: string): string => {
  const places = createRequire(join(folder, "package.json")).resolve.paths(dependency) ?? []
  return places.map((place) => join(place, dependency, "package.json")).find((file) => existsSync(file)) ?? ""
}

const readCard = (file: string): { readonly name?: string; readonly version?: string } | undefined => {
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { readonly name?: string; readonly version?: string }
  } catch {
    throw new BadCheckout(`${join(dirname(file), "package.json")} is not JSON`)
  }
}
