import { readFileSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { contractDocUrl, renderContract } from "./contract-doc.ts"
import { importViolations } from "./import-rule.ts"
import { projectFiles } from "./project-files.ts"
import { runTool, type StepResult } from "./run-tool.ts"
import { runSteps, type Step } from "./steps.ts"
import { strayText } from "./stray-text.ts"

/*
 * `pnpm check`: everything that can be said of the code without running it. `--fix` mends first what can be
 * mended by itself: lint, format, the generated contract.
 */

const root = fileURLToPath(new URL("../..", import.meta.url))

const fromFindings = (findings: ReadonlyArray<string>): StepResult => ({
  ok: findings.length === 0,
  output: findings.join("\n"),
})

/** Looks at every file whose name fits, by a function of path and text. */
const scan = (
  fits: (path: string) => boolean,
  look: (path: string, text: string) => ReadonlyArray<string>,
): Promise<StepResult> =>
  Promise.resolve().then(() =>
    fromFindings(
      projectFiles(root)
        .filter(fits)
        .flatMap((path) => look(path, readFileSync(join(root, path), "utf8"))),
    ),
  )

const contractDoc = (): ReadonlyArray<string> =>
  readFileSync(contractDocUrl, "utf8") === renderContract()
    ? []
    : ["docs/contract.md is not what contract/catalogue/ says; run: node cli/dev/contract-doc.ts"]

const isSource = (path: string): boolean => /\.m?ts$|\.mjs$/.test(path)
const isText = (path: string): boolean =>
  /\.(?:m?[jt]s|jsonc?|md|ya?ml|txt|toml|html|css|sh)$|(?:^|\/)[^./]+$/.test(path)

// Slow ones first, so that the short ones fill the gaps.
const steps: ReadonlyArray<Step> = [
  { name: "types", run: () => runTool(root, "tsc", ["-p", "."]) },
  { name: "dead code", run: () => runTool(root, "knip", ["--no-progress", "--no-config-hints"]) },
  { name: "lint", run: () => runTool(root, "oxlint", ["--deny-warnings", "--report-unused-disable-directives"]) },
  { name: "format", run: () => runTool(root, "oxfmt", ["--check"]) },
  { name: "import rule", run: () => scan(isSource, importViolations) },
  { name: "contract document", run: () => scan((path) => path === "docs/contract.md", contractDoc) },
  { name: "stray text", run: () => scan(isText, strayText) },
]

const fix = async (): Promise<void> => {
  writeFileSync(contractDocUrl, renderContract())
  await runTool(root, "oxlint", ["--fix"])
  await runTool(root, "oxfmt", ["."])
}

if (process.argv.includes("--fix")) await fix()
const ok = await runSteps(steps, {
  atOnce: availableParallelism(),
  print: (line) => console.log(line),
  nowMs: () => performance.now(),
})
process.exitCode = ok ? 0 : 1
