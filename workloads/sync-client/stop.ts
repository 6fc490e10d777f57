/**
 * Why a client's syncing is over. `ending` is an error's tag, or how else an operation ended: "ok" for a live pull that
 * ended by itself. `op` is the operation in the record.
 */
export type Stop =
  | { readonly by: "pull" | "push"; readonly ending: string; readonly op: number }
  /** The application could not apply the event at this position. */
  | { readonly by: "application"; readonly ending: "ApplyFailed"; readonly seqNum: number }

/** A stop as words. */
export const stopInWords = (stop: Stop | undefined): string => {
  if (stop === undefined) return "is still syncing"
  if (stop.by === "application") return `stopped at event ${stop.seqNum}, which its application could not apply`
  return `stopped because a ${stop.by} ended with ${stop.ending}`
}
