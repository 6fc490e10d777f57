import type { Clause, Level, Subject } from "../clause.ts"
import { requirementsOf } from "./requirements.ts"

/** One chapter of the contract: clauses of one family, or of a few that belong together. */
export interface Section {
  /** "push" */
  readonly name: string
  /** Heading for people. */
  readonly title: string
  /** What has to be said once before the clauses. */
  readonly note?: string
  readonly clauses: ReadonlyArray<Clause>
}

const clause = (level: Level, id: string, sentence: string, subject: Subject): Clause => ({
  id,
  family: id.slice(0, id.indexOf("/")),
  level,
  sentence,
  subject,
  verifies: requirementsOf(id),
})

/** A clause that decides conformance. The subject is the provider unless another is named. */
export const must = (id: string, sentence: string, subject: Subject = "provider"): Clause =>
  clause("MUST", id, sentence, subject)

/** A clause that is reported and never fails a run by itself. */
export const should = (id: string, sentence: string): Clause => clause("SHOULD", id, sentence, "provider")
