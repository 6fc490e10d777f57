import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { expect, it } from "vitest"
import { projectFiles } from "./project-files.ts"

it("lists what was written by hand and nothing that was installed or generated", () => {
  const root = mkdtempSync(join(tmpdir(), "gauntlet-files-"))
  try {
    const paths = [
      "b.ts",
      "a/c.ts",
      "reports/page.ts",
      ".ci/run",
      "a/node_modules/d.ts",
      ".git/HEAD",
      "reports/out/e.json",
    ]
    for (const path of paths) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), "")
    }
    expect(projectFiles(root)).toEqual([".ci/run", "a/c.ts", "b.ts", "reports/page.ts"])
  } finally {
    rmSync(root, { recursive: true })
  }
})
