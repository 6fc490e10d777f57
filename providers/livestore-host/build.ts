import { readFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { bundleEndpoint } from "../livestore-electric/endpoint/bundle-endpoint.ts"
import { bundleWorker, type WorkerEntry } from "./bundle-worker.ts"
import { installedVersion } from "./installed-version.ts"

/** Packages of LiveStore's whose version is told. */
export type VersionedPackage = "sync-cf" | "sync-electric" | "common"

/** The code of LiveStore that a provider runs. */
export interface LivestoreBuild {
  /** In titles: "LiveStore's published @livestore/sync-cf". */
  readonly whose: "published" | "working copy of"
  /** Undefined when the package is not there. */
  readonly versionOf: (name: VersionedPackage) => string | undefined
  readonly clients: () => Promise<typeof import("../livestore/client.ts")>
  readonly mock: () => Promise<typeof import("../livestore/mock.ts")>
  readonly electric: () => Promise<typeof import("../livestore/electric.ts")>
  /** The Worker's code. */
  readonly worker: (entry: WorkerEntry) => Promise<string>
  /** The program of the endpoint before Electric. */
  readonly endpoint: () => Promise<string>
}

/** The published packages that are installed beside the harness. */
export const published: LivestoreBuild = {
  whose: "published",
  versionOf: installedVersion,
  clients: () => import("../livestore/client.ts"),
  mock: () => import("../livestore/mock.ts"),
  electric: () => import("../livestore/electric.ts"),
  worker: bundleWorker,
  endpoint: bundleEndpoint,
}

/** What stands in `build.json` beside the bundles of a working copy. */
export interface BuildCard {
  readonly versions: Readonly<Record<VersionedPackage, string>>
}

/** A working copy's code, as `prepareCheckout` left it in a folder. */
export const bundledIn = (folder: string): LivestoreBuild => {
  const text = (name: string) => readFileSync(join(folder, name), "utf8")
  const load = (name: string) => import(pathToFileURL(join(folder, name)).href)
  const { versions } = JSON.parse(text("build.json")) as BuildCard
  return {
    whose: "working copy of",
    versionOf: (name) => versions[name],
    clients: () => load("client.mjs"),
    mock: () => load("mock.mjs"),
    electric: () => load("electric.mjs"),
    worker: async (entry) => text(`${entry}.mjs`),
    endpoint: async () => text("endpoint.mjs"),
  }
}
