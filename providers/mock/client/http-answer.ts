/*
 * A proxy between client and backend answers in HTTP, whatever the protocol behind it: an error page, "too many
 * requests", "try again later".
 */

/** Whether what arrived is, or may become, an answer in HTTP. */
export const isHttp = (text: string): boolean => text.startsWith("HTTP/1.")

/** How long an answer in HTTP asks to stay away, in milliseconds; 0 where it does not say. */
export const retryAfterMs = (text: string): number => {
  const [head = ""] = text.split("\r\n\r\n")
  const seconds = Number(/^retry-after:\s*(\d+)\s*$/im.exec(head)?.[1] ?? 0)
  return seconds * 1_000
}
