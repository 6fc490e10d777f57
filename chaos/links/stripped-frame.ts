/** What is left of a frame of which only the first members arrive; nothing of one that is no JSON object. */
export const strippedFrame = (data: string | Uint8Array, members: number): string => {
  const text = typeof data === "string" ? data : Buffer.from(data).toString("utf8")
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== "object" || value === null || Array.isArray(value)) return ""
    return JSON.stringify(Object.fromEntries(Object.entries(value).slice(0, members)))
  } catch {
    return ""
  }
}
