import { describe, expect, it } from "vitest"
import { importsOf, importViolations } from "./import-rule.ts"

const specifiers = (source: string): ReadonlyArray<string> => importsOf(source).map(({ specifier }) => specifier)

describe("finding imports", () => {
  it("finds each form of import and re-export", () => {
    const source = [
      'import "./a.ts"',
      'import b from "./b.ts"',
      'import * as c from "./c.ts"',
      "import {",
      "  d,",
      "  type E,",
      '} from "./d.ts"',
      'import type { F } from "./f.ts"',
      'export * from "./g.ts"',
      'export { h } from "./h.ts"',
      'const i = () => import("./i.ts")',
      'type J = import("./j.ts").J',
    ].join("\n")
    expect(specifiers(source)).toEqual("abcdfghij".split("").map((name) => `./${name}.ts`))
  })

  it("tells the line, and whether an import is lazy or of types alone", () => {
    expect(importsOf('\nimport type { A } from "./a.ts"\nconst b = import("./b.ts")')).toEqual([
      { specifier: "./a.ts", line: 2, lazy: false, typeOnly: true },
      { specifier: "./b.ts", line: 3, lazy: true, typeOnly: false },
    ])
  })

  it("overlooks comments, strings and template literals", () => {
    const source = [
      '// import "./a.ts"',
      '/* import "./b.ts" */',
      "const c = `import './c.ts'`",
      "const d = 'import \"./d.ts\"'",
      'const from = "./e.ts"',
      "export const f = 1",
    ].join("\n")
    expect(specifiers(source)).toEqual([])
  })
})

describe("the order of folders", () => {
  it("lets a folder import itself and those before it", () => {
    const source = 'import "./other.ts"\nimport "../contract/event.ts"\nimport "effect"\nimport "node:fs"'
    expect(importViolations("harness/arena.ts", source)).toEqual([])
  })

  it("finds an import of a later folder, of types and lazily as well", () => {
    for (const source of [
      'import { x } from "../history/x.ts"',
      'import type { X } from "../history/x.ts"',
      'const x = import("../history/x.ts")',
      'export * from "../history/x.ts"',
    ]) {
      expect(importViolations("contract/event.ts", source)).toEqual([
        "contract/event.ts:1 imports history/x.ts; contract/ may import only contract/",
      ])
    }
  })

  it("is not misled by a subfolder that bears a top folder's name", () => {
    expect(importViolations("providers/mock/client.ts", 'import "./reports/x.ts"')).toEqual([])
    expect(importViolations("providers/mock/client.ts", 'import "../../reports/x.ts"')).toHaveLength(1)
  })

  it("lets files at the root import every folder and keeps folders from importing the root", () => {
    expect(importViolations("vitest.config.ts", 'import "./suites/index.ts"')).toEqual([])
    expect(importViolations("suites/index.ts", 'import "../vitest.config.ts"')).toHaveLength(1)
  })

  it("keeps every import inside the project", () => {
    expect(importViolations("cli/main.ts", 'import "../../elsewhere/x.ts"')).toEqual([
      "cli/main.ts:1 imports ../../elsewhere/x.ts, which is outside the project",
    ])
  })
})

describe("the registry of providers", () => {
  it("may load a provider lazily and name its types", () => {
    const source = 'import type { A } from "./mock/provider.ts"\nconst b = () => import("./mock/provider.ts")'
    expect(importViolations("providers/registry.ts", source)).toEqual([])
  })

  it("must not load a provider at once", () => {
    expect(importViolations("providers/registry.ts", 'import { mock } from "./mock/provider.ts"')).toEqual([
      "providers/registry.ts:1 loads providers/mock/provider.ts at once; the registry names it through import()",
    ])
  })
})
