import { createHash } from "node:crypto"
import type { Run } from "../contract/run.ts"

/** The beginning of the SHA-256 of a run's JSON, its own seal left out. */
export const sealOf = (run: object): string => {
  const { seal: _seal, ...rest } = run as { readonly seal?: unknown }
  return createHash("sha256").update(JSON.stringify(rest)).digest("hex").slice(0, 32)
}

/** A run with the seal that tells whether its file was changed afterwards. */
export const sealRun = (run: Run): Run => ({ ...run, seal: sealOf(run) })
