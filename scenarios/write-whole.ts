import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"

/** How a reason begins that is a full medium. */
export const noSpace = "no space left"

/** What a medium says that takes no more, in words. */
const full: Readonly<Record<string, string>> = {
  ENOSPC: `${noSpace} on the disk`,
  EDQUOT: `${noSpace}, the quota is used up`,
  EFBIG: `${noSpace}, files may not grow any further (ulimit -f)`,
}

/**
 * Writes a file, its folder too, or nothing: half of it would be taken for a whole one. Undefined when it is written,
 * else why not, in one line.
 */
export const writeWhole = (path: string, text: string): string | undefined => {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return undefined
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException
    try {
      rmSync(path, { force: true })
    } catch {
      // Where nothing can be written, nothing may be removable either.
    }
    return full[code] ?? message.split("\n")[0]
  }
}
