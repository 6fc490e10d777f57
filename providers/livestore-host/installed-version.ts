import { readFileSync } from "node:fs"

/** The version of one of LiveStore's packages that is installed; undefined when none is. */
export const installedVersion = (name: "sync-cf" | "sync-electric" | "common"): string | undefined => {
  const file = new URL(`../livestore/node_modules/@livestore/${name}/package.json`, import.meta.url)
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version
  } catch {
    return undefined
  }
}
