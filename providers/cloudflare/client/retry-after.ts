/** How long a `retry-after` header asks to wait, in milliseconds: seconds or an HTTP date. */
export const retryAfterMs = (header: string | undefined, nowMs: number): number | undefined => {
  if (header === undefined) return undefined
  const seconds = Number(header)
  const waitMs = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - nowMs
  return Number.isFinite(waitMs) && waitMs > 0 ? waitMs : undefined
}
