/**
 * A place in a shape: `-1` before everything, `0_n` behind chunk n of the snapshot, `0_inf` behind all of it,
 * `<lsn>_<op>` behind a row of the log.
 */
export interface Offset {
  readonly lsn: number
  readonly op: number
}

export const beforeAll: Offset = { lsn: -1, op: 0 }
export const snapshotEnd: Offset = { lsn: 0, op: Number.POSITIVE_INFINITY }

/** Undefined for what is none. */
export const parseOffset = (text: string): Offset | undefined => {
  if (text === "-1") return beforeAll
  const match = /^(\d+)_(\d+|inf)$/.exec(text)
  if (match === null) return undefined
  return { lsn: Number(match[1]), op: match[2] === "inf" ? Number.POSITIVE_INFINITY : Number(match[2]) }
}

export const formatOffset = ({ lsn, op }: Offset): string => {
  if (lsn < 0) return "-1"
  return `${lsn}_${op === Number.POSITIVE_INFINITY ? "inf" : op}`
}

/** Below zero when `a` comes before `b`. */
export const compareOffsets = (a: Offset, b: Offset): number => {
  if (a.lsn !== b.lsn) return a.lsn < b.lsn ? -1 : 1
  if (a.op === b.op) return 0
  return a.op < b.op ? -1 : 1
}
