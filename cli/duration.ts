import { UsageError } from "./usage-error.ts"

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Reads a duration as people type it, "90s", "10m" or "2h", in milliseconds; `UsageError` names the flag. */
export const durationMs = (flag: string, text: string): number => {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const ms = Number(number) * (unitsMs[unit] ?? Number.NaN)
  if (!(ms > 0)) throw new UsageError(`${flag} needs a duration such as 90s, 10m or 2h, not "${text}"`)
  return ms
}

/** A duration in milliseconds for people: "12 s", "3 min 20 s", "1 h 5 min". */
export const inWords = (ms: number): string => {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
