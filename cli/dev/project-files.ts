import { readdirSync } from "node:fs"
import { join } from "node:path"

/** Folders that are installed or generated, by name or by path from the root. */
const skipped: ReadonlySet<string> = new Set([".git", "node_modules", "coverage", "reports/out"])

/** Every file of the project: paths relative to `root`, with forward slashes, sorted. */
export const projectFiles = (root: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`
      if (skipped.has(entry.name) || skipped.has(path)) continue
      if (entry.isDirectory()) walk(path)
      else if (entry.isFile()) found.push(path)
    }
  }
  walk("")
  return found.toSorted()
}
