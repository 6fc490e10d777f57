import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { basename, dirname, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { defineCommand } from "../command.ts"
import { UsageError } from "../usage-error.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const example = fileURLToPath(new URL("../../docs/examples/tiny-provider.ts", import.meta.url))
const defaultFile = "my-provider.ts"

export const command = defineCommand({
  name: "init",
  summary: "a provider file to start from",
  args: ["[FILE]"],
  flags: { force: { help: "write over a file that is there" } },
  more: `The file holds a whole small provider with a log in memory: it runs as it is, and each part is to be replaced by
your own. docs/writing-a-provider.md says what each is for.`,
  examples: [["gauntlet init my-provider.ts", "then: gauntlet run --provider-file my-provider.ts --smoke"]],
  run: async ({ args, flags, io }) => {
    const name = args[0] ?? defaultFile
    const file = resolve(io.cwd, name)
    if (!/\.m?ts$/.test(name))
      throw new UsageError(`${name} is to be TypeScript: name it ${name.replace(/\.\w*$/, "")}.ts`)
    if (existsSync(file) && !flags.force) throw new UsageError(`${file} is there already; --force writes over it`)
    try {
      writeFileSync(file, providerFile(file))
    } catch (error) {
      throw new UsageError(`cannot write ${file}: ${(error as Error).message}`)
    }
    io.out(
      `${name} holds a small provider that works. Run it:\n  npx -y pnpm@12 gauntlet run --provider-file ${name} --smoke\n`,
    )
    return 0
  },
})

/** The example with its imports as seen from the file, under a key of its own. */
const providerFile = (file: string): string => {
  const folder = relative(dirname(file), root).replaceAll("\\", "/")
  const up = folder === "" ? "." : folder.startsWith(".") ? folder : `./${folder}`
  const key =
    basename(file)
      .replace(/\.m?ts$/, "")
      .toLowerCase()
      .replaceAll(/[^a-z0-9.-]+/g, "-")
      .replace(/^[^a-z0-9]+/, "") || "mine"
  return readFileSync(example, "utf8")
    .replaceAll('from "../../', `from "${up}/`)
    .replace('key: "tiny"', `key: ${JSON.stringify(key)}`)
}
