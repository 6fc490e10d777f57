import type { Limits } from "../../../contract/capabilities.ts"

/**
 * What the backend takes and gives. A page fits one frame; an event and its row fit one too. A batch of the largest
 * events does not: it is staged in parts.
 */
export const limits: Limits = {
  batchEvents: 100,
  eventBytes: 256_000,
  payloadBytes: 64_000,
  pageEvents: 1_000,
  pageBytes: 800_000,
}

/** Most text that one object keeps for batches which have not arrived whole, in characters. */
export const stagedChars = 64_000_000
