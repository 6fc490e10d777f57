import { posix } from "node:path"

/** A folder imports only from itself and from those before it. Files outside these folders may import all of them. */
export const folderOrder = [
  "contract",
  "history",
  "chaos",
  "providers",
  "harness",
  "workloads",
  "suites",
  "scenarios",
  "reports",
  "bench",
  "cli",
] as const

/** One import in a source file. `lazy`: an `import()` call, which loads nothing until it runs. */
export interface FoundImport {
  readonly specifier: string
  readonly line: number
  readonly lazy: boolean
  readonly typeOnly: boolean
}

// Comments and template literals come first so that their contents are skipped; then plain strings outside imports.
const tokens =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|`(?:\\[\s\S]|[^`\\])*`|\b(import|export)(\s+type\b)?(?:\s*(?:[\w$*{][\w$*{},\s]*)?\bfrom)?\s*(["'])([^"'\n]+)\3|\bimport\s*\(\s*(["'])([^"'\n]+)\5|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g

/** Every import, re-export and `import()` with a literal specifier, in order. */
export const importsOf = (source: string): ReadonlyArray<FoundImport> => {
  const found: Array<FoundImport> = []
  for (const match of source.matchAll(tokens)) {
    const specifier = match[4] ?? match[6]
    if (specifier === undefined) continue
    const line = source.slice(0, match.index).split("\n").length
    found.push({ specifier, line, lazy: match[6] !== undefined, typeOnly: match[2] !== undefined })
  }
  return found
}

const rank = (path: string): number => (folderOrder as ReadonlyArray<string>).indexOf(path.split("/")[0] ?? "")

/**
 * What a file imports against the rule, one line each. `path` is relative to the root, with forward slashes.
 * Besides the order of folders: the registry names providers only through `import()`, so that nothing of a
 * provider loads before it is chosen.
 */
export const importViolations = (path: string, source: string): ReadonlyArray<string> => {
  const own = rank(path)
  const violations: Array<string> = []
  for (const { specifier, line, lazy, typeOnly } of importsOf(source)) {
    if (!specifier.startsWith(".")) continue
    const target = posix.join(posix.dirname(path), specifier)
    if (target.startsWith("..")) {
      violations.push(`${path}:${line} imports ${specifier}, which is outside the project`)
    } else if (own >= 0 && (rank(target) < 0 || rank(target) > own)) {
      violations.push(`${path}:${line} imports ${target}; ${folderOrder[own]}/ may import only ${allowed(own)}`)
    } else if (path === "providers/registry.ts" && !lazy && !typeOnly && /^providers\/[^/]+\//.test(target)) {
      violations.push(`${path}:${line} loads ${target} at once; the registry names it through import()`)
    }
  }
  return violations
}

const allowed = (own: number): string =>
  folderOrder
    .slice(0, own + 1)
    .map((folder) => `${folder}/`)
    .join(", ")
