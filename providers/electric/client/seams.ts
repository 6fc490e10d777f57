import { BackendIdMismatch } from "../../../contract/errors.ts"
import type { ReadFailure } from "./shape-fetch.ts"

/** What the client does at places where a bug could stand. A planted bug changes one of them. */
export interface ReaderSeams {
  /** What a row is to a log that was read up to `tail`. */
  readonly place: (row: { readonly seqNum: number; readonly parentSeqNum: number }, tail: number) => RowPlace
  /** What it means that Electric has lost the shape; undefined: it is read again from its beginning. */
  readonly refetch: (life: string) => ReadFailure | undefined
}

/** `known`: it was read before; `early`: a row before it has not come yet. */
export type RowPlace = "known" | "next" | "early"

/** The client as it ought to be. */
export const referenceSeams: ReaderSeams = {
  place: ({ seqNum, parentSeqNum }, tail) => (seqNum <= tail ? "known" : parentSeqNum === tail ? "next" : "early"),
  refetch: () => undefined,
}

/** Planted bugs of the client, by the ids of `electricMutants`; undefined for others. */
export const plantedReaderSeams = (mutant: string | undefined, fire: () => void): ReaderSeams | undefined => {
  const fired = <A>(wrong: A): A => {
    fire()
    return wrong
  }
  switch (mutant) {
    case "life/evict#repeated":
      return {
        ...referenceSeams,
        place: (row, tail) => {
          const place = referenceSeams.place(row, tail)
          return place === "known" ? fired("next") : place
        },
      }
    case "life/evict#other-life":
      return {
        ...referenceSeams,
        refetch: (expected) =>
          fired({ _tag: "Refused", error: new BackendIdMismatch({ expected, received: "another shape" }) }),
      }
    default:
      return undefined
  }
}
