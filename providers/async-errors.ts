import { Effect, Option, Schema } from "effect"
import {
  BackendIdMismatch,
  CursorAhead,
  InvalidPush,
  IsOffline,
  PayloadRejected,
  PushRejected,
  ServerAhead,
  UnknownError,
} from "../contract/errors.ts"

/** Errors that each operation may end with; another one of the contract's names becomes an `UnknownError`. */
export const connectErrors = Schema.Union([IsOffline, PayloadRejected, BackendIdMismatch, UnknownError])
export const pushErrors = Schema.Union([
  IsOffline,
  ServerAhead,
  InvalidPush,
  PushRejected,
  PayloadRejected,
  BackendIdMismatch,
  UnknownError,
])
export const pullErrors = Schema.Union([IsOffline, PayloadRejected, BackendIdMismatch, CursorAhead, UnknownError])
export const pingErrors = Schema.Union([IsOffline, PayloadRejected, UnknownError])

const field = (thrown: unknown, key: string): unknown => {
  if (typeof thrown !== "object" || thrown === null) return undefined
  try {
    return (thrown as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}

/** One line about anything that was thrown. */
export const messageOf = (thrown: unknown): string => {
  const message = field(thrown, "message")
  if (typeof message === "string" && message !== "") return message
  const tag = field(thrown, "_tag")
  if (typeof tag === "string") return tag
  try {
    return String(thrown)
  } catch {
    return "something that cannot be shown was thrown"
  }
}

/**
 * The failure that a thrown value stands for: the error of the contract that its `_tag` names, with its fields;
 * a defect for `ThrownDefect`; an `UnknownError` with its message for everything else.
 */
export const failThrown = <E>(errors: Schema.Decoder<E>, thrown: unknown): Effect.Effect<never, E | UnknownError> => {
  const tag = field(thrown, "_tag")
  if (tag === "Defect") return Effect.die(new Error(messageOf(thrown)))
  if (typeof tag !== "string") return Effect.fail(new UnknownError({ message: messageOf(thrown) }))
  const error = decode(errors, tag, thrown)
  return Effect.fail(Option.isSome(error) ? error.value : new UnknownError({ message: describe(tag, thrown) }))
}

const fieldNames = ["reason", "head", "providedParent", "expected", "received", "cursor"]

/** Only the fields of the contract's errors are read, so that a stack or a cause that came along never matters. */
const decode = <E>(errors: Schema.Decoder<E>, tag: string, thrown: unknown): Option.Option<E> => {
  const fields: Record<string, unknown> = { _tag: tag, message: messageOf(thrown) }
  for (const name of fieldNames) fields[name] = field(thrown, name)
  return Schema.decodeUnknownOption(errors)(fields)
}

const describe = (tag: string, thrown: unknown): string => {
  const message = messageOf(thrown)
  return message === tag ? tag : `${tag}: ${message}`
}
