import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { BadCheckout } from "./bad-checkout.ts"

/** What tells two states of a working copy apart. */
export interface CheckoutState {
  readonly commit: string
  /** A hash of what differs from the commit; absent where nothing does. */
  readonly dirty?: string
}

/** As long as these are in reports. */
const shown = 12

/** What LiveStore's code is made of: its packages, and what says which dependencies they get. */
const paths = ["packages", "package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"]

const mostBytes = 256 * 1024 * 1024

/** Asks git for a checkout's commit and hashes what differs from it, new files too. Throws `BadCheckout`. */
export const checkoutState = (dir: string): CheckoutState => {
  const git = (...args: ReadonlyArray<string>): Buffer => {
    try {
      return execFileSync("git", ["-C", dir, ...args], {
        stdio: ["ignore", "pipe", "pipe"],
        maxBuffer: mostBytes,
        env: { ...withoutGit(process.env), GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" },
      })
    } catch (error) {
      throw new BadCheckout(`${dir} has no commit that a report could name: ${whyNot(error)}`)
    }
  }
  const commit = git("rev-parse", "--verify", "HEAD").toString().trim().slice(0, shown)
  const changed = git("diff", "HEAD", "--binary", "--no-ext-diff", "--no-color", "--", ...paths)
  const added = git("ls-files", "-z", "--others", "--exclude-standard", "--", ...paths)
    .toString()
    .split("\0")
    .filter((name) => name !== "")
  if (changed.length === 0 && added.length === 0) return { commit }
  const hash = createHash("sha256").update(changed)
  for (const name of added.toSorted()) hash.update(`\0${name}\0`).update(readFileSync(join(dir, name)))
  return { commit, dirty: hash.digest("hex").slice(0, shown) }
}

/** A state as it stands in a version: "commit 0123456789ab, dirty fedcba987654". */
export const tellState = ({ commit, dirty }: CheckoutState): string =>
  dirty === undefined ? `commit ${commit}` : `commit ${commit}, dirty ${dirty}`

/** Inside a git hook these name another repository. */
const withoutGit = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("GIT_")))

const whyNot = (error: unknown): string => {
  const { stderr, code, message } = error as NodeJS.ErrnoException & { readonly stderr?: Buffer }
  if (code === "ENOENT") return "git is not installed"
  const said = stderr?.toString().trim().split("\n")[0] ?? ""
  return said === "" ? (message.split("\n")[0] ?? "") : said
}
