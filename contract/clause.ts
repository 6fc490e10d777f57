/** `MUST` decides conformance; `SHOULD` is reported and never fails a run by itself. */
export type Level = "MUST" | "SHOULD"

/** Whose promise a clause is: `harness` and `client` clauses never decide a provider's conformance. */
export type Subject = "provider" | "harness" | "client"

/** One clause of the contract. */
export interface Clause {
  /** "push/atomic" */
  readonly id: string
  /** The part before the slash: "push". */
  readonly family: string
  readonly level: Level
  /** What is promised, in one or two sentences. */
  readonly sentence: string
  readonly subject: Subject
  /** LiveStore's requirement ids that a check of this clause verifies. */
  readonly verifies: ReadonlyArray<string>
}
