import type { ClientMessage, Framed } from "../wire.ts"
import type { RawBatch } from "./batch.ts"
import { stagedChars } from "./limits.ts"

type PushMessage = Extract<ClientMessage, { readonly t: "push" }>

/** What became of a part: the batch is whole, more parts are to come, or the part belongs to nothing here. */
export type Staged = RawBatch | "waiting" | "lost" | "full"

interface Stage {
  readonly rows: Array<ReadonlyArray<unknown>>
  readonly args: Array<string | undefined>
  nextPart: number
  chars: number
}

/**
 * Batches that have not arrived whole. They live in memory: when the object goes, so do they, the next part is
 * answered as lost, and nothing was stored.
 */
export interface Staging {
  /** Takes a part of `chars` characters. */
  readonly add: (connection: string, frame: Framed<PushMessage>, chars: number) => Staged
  readonly discard: (connection: string, id: number) => void
  readonly discardAll: (connection: string) => void
}

export const makeStaging = (): Staging => {
  const stages = new Map<string, Map<number, Stage>>()
  let total = 0

  const discard = (connection: string, id: number): void => {
    const own = stages.get(connection)
    total -= own?.get(id)?.chars ?? 0
    own?.delete(id)
    if (own?.size === 0) stages.delete(connection)
  }

  return {
    add: (connection, frame, chars) => {
      const { id, part, parts, rows, events } = frame.message
      if (parts === 1) return rows.length === events ? { rows, args: frame.args } : "lost"
      if (total + chars > stagedChars) {
        discard(connection, id)
        return "full"
      }
      const own = stages.get(connection) ?? new Map<number, Stage>()
      const stage = part === 0 ? { rows: [], args: [], nextPart: 0, chars: 0 } : own.get(id)
      if (stage === undefined || part !== stage.nextPart) {
        discard(connection, id)
        return "lost"
      }
      stages.set(connection, own.set(id, stage))
      stage.rows.push(...rows)
      stage.args.push(...frame.args)
      stage.nextPart += 1
      stage.chars += chars
      total += chars
      if (stage.nextPart < parts) return "waiting"
      discard(connection, id)
      return stage.rows.length === events ? stage : "lost"
    },
    discard,
    discardAll: (connection) => {
      for (const id of stages.get(connection)?.keys() ?? []) discard(connection, id)
    },
  }
}
