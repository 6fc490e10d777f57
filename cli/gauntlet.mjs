#!/usr/bin/env node
// Plain JavaScript, so that an old Node gets a clear line instead of a syntax error: the rest is TypeScript, which
// Node runs directly from 22.18, 23.6 and 24 on.
const [major, minor] = process.versions.node.split(".").map(Number)
const runsTypeScript = major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)

if (runsTypeScript) {
  const { enableCompileCache } = await import("node:module")
  const { fileURLToPath } = await import("node:url")
  // What was compiled once is kept, for child processes too, which read the variable: loading takes half the time.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("../node_modules/.cache/node-compile", import.meta.url))
  enableCompileCache()
  const { main } = await import("./main.ts")
  await main(process.argv.slice(2))
} else {
  const how =
    process.platform === "linux"
      ? `type "npx -y pnpm@12 gauntlet", which brings Node 24 along`
      : `install Node 24 and type "npx -y pnpm@12 gauntlet"`
  process.stderr.write(`gauntlet: this is Node ${process.versions.node}, 22.18 or later is needed: ${how}\n`)
  process.exitCode = 2
}
