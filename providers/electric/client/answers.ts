import {
  BackendIdMismatch,
  CursorAhead,
  InvalidPush,
  IsOffline,
  PayloadRejected,
  PushRejected,
  ServerAhead,
  UnknownError,
  type SyncError,
} from "../../../contract/errors.ts"
import type { HeadAnswer } from "../wire.ts"

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value)
const isText = (value: unknown): value is string => typeof value === "string"

const parsed = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** An answer of the push API to what was not refused; undefined where it is none. */
export const readHead = (text: string): HeadAnswer | undefined => {
  const { backendId, head, digest, remaining } = parsed(text) ?? {}
  if (!isText(backendId) || !isNumber(head) || !isText(digest)) return undefined
  if (remaining === undefined) return { backendId, head, digest }
  return isNumber(remaining) ? { backendId, head, digest, remaining } : undefined
}

/** A refusal by the push API as an error of the contract; undefined where it is none. */
export const readRefusal = (text: string): SyncError | undefined => {
  const body = parsed(text)?.["error"]
  if (typeof body !== "object" || body === null) return undefined
  const { _tag, message, reason, head, providedParent, expected, received, cursor } = body as Record<string, unknown>
  switch (_tag) {
    case "ServerAhead":
      return isNumber(head) && isNumber(providedParent) ? new ServerAhead({ head, providedParent }) : undefined
    case "InvalidPush":
      return isText(message) ? new InvalidPush({ message }) : undefined
    case "PushRejected":
      return isText(reason) ? new PushRejected({ reason }) : undefined
    case "PayloadRejected":
      return isText(message) ? new PayloadRejected({ message }) : undefined
    case "BackendIdMismatch":
      return isText(expected) && isText(received) ? new BackendIdMismatch({ expected, received }) : undefined
    case "CursorAhead":
      return isNumber(cursor) && isNumber(head) ? new CursorAhead({ cursor, head }) : undefined
    case "UnknownError":
      return isText(message) ? new UnknownError({ message }) : undefined
    case "Unavailable":
      return new IsOffline({ message: isText(message) ? message : "the backend is not available" })
    default:
      return undefined
  }
}
