import type { HeadAnswer } from "../wire.ts"

/** What the push API does at places where a bug could stand. A planted bug changes one of them. */
export interface PushSeams {
  /** Whether the store's head is locked while a batch is judged and appended. */
  readonly locksHead: boolean
  /** Whether a batch on this parent may be appended behind this head. */
  readonly standsOn: (parent: number, head: number) => boolean
  /** The head that a refusal names. */
  readonly refusedHead: (head: number) => number
  /** Whether a pull hears that the data began another life. */
  readonly tellsLives: boolean
  /** What a pull is told about the head when it begins. */
  readonly begun: (head: HeadAnswer) => HeadAnswer
  /** Whether a payload that was revoked meanwhile is noticed by what is under way. */
  readonly watchesPayloads: boolean
  /** Whether Electric is told that the client of a held request is gone. */
  readonly letsGo: boolean
  /** Headers of Electric's answers that the client gets. */
  readonly passes: (header: string) => boolean
}

/** The push API as it ought to be. */
export const referenceSeams: PushSeams = {
  locksHead: true,
  standsOn: (parent, head) => parent === head,
  refusedHead: (head) => head,
  tellsLives: true,
  begun: (head) => head,
  watchesPayloads: true,
  letsGo: true,
  passes: () => true,
}
