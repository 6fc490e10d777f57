import { UsageError } from "./usage-error.ts"

/** Which part of a work that is shared out: the `index`th of `of`, counted from 0. */
export interface Shard {
  readonly index: number
  readonly of: number
}

/** Reads "2/4"; absent it is all of the work. */
export const shardOf = (text: string | undefined): Shard => {
  if (text === undefined) return { index: 0, of: 1 }
  const [, i, n] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  const [at, of] = [Number(i), Number(n)]
  if (i === undefined || at < 1 || at > of) throw new UsageError(`--shard ${text}: write it as 1/4, 2/4, 3/4 or 4/4`)
  return { index: at - 1, of }
}
