import type { Refusal } from "../wire.ts"

/** Thrown where a request is refused. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal._tag)
    this.refusal = refusal
  }
}

/** What a failure is to the client: a refusal, or storage that cannot be asked now. */
export const refusalOf = (error: unknown): Refusal =>
  error instanceof Refused
    ? error.refusal
    : { _tag: "Unavailable", message: `the database could not be asked: ${String((error as Error)?.message ?? error)}` }
