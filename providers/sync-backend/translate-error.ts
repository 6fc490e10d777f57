import { member } from "./effect-shared.ts"

/** What a client throws: the fields of one of the contract's errors, or a defect. */
export type ThrownFailure =
  | { readonly _tag: "IsOffline" | "UnknownError" | "Defect"; readonly message: string }
  | { readonly _tag: "ServerAhead"; readonly head: number; readonly providedParent: number }
  | { readonly _tag: "BackendIdMismatch"; readonly expected: string; readonly received: string }
  | { readonly _tag: "InvalidPush" | "PayloadRejected"; readonly message: string }
  | { readonly _tag: "PushRejected"; readonly reason: string }
  | { readonly _tag: "CursorAhead"; readonly cursor: number; readonly head: number }

/** LiveStore has no errors of these names: what has one already is the contract's own. */
const contractNames: ReadonlySet<unknown> = new Set<ThrownFailure["_tag"]>([
  "IsOffline",
  "ServerAhead",
  "BackendIdMismatch",
  "InvalidPush",
  "PayloadRejected",
  "PushRejected",
  "CursorAhead",
])

const maxDepth = 6
const maxLength = 300

const firstLine = (text: string): string => text.split("\n")[0]?.trim() ?? ""

/** One line about an error and what caused it, each said once, at most 300 characters. */
export const shortMessage = (error: unknown): string => {
  const parts: Array<string> = []
  for (let at = error, depth = 0; at !== undefined && at !== null && depth < maxDepth; depth += 1) {
    const part = partOf(at)
    if (part !== "" && !parts.some((known) => known.includes(part))) parts.push(part)
    at = member(at, "cause")
  }
  const line = parts.length === 0 ? "no message" : parts.join(": ")
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line
}

/** What an error itself says. Effect's errors print their whole cause into their message; the cause is told apart. */
const partOf = (error: unknown): string => {
  if (typeof error !== "object" || error === null) return firstLine(String(error))
  const message = member(error, "message")
  const own = typeof message === "string" ? (firstLine(message).split(" (cause:")[0] ?? "") : ""
  if (own !== "" && !own.startsWith("{")) return own
  const name = member(error, "_tag") ?? member(error, "name")
  return typeof name === "string" ? name : firstLine(JSON.stringify(error) ?? "")
}

/** The numbers of LiveStore's ServerAheadError, which each of its providers fills in its own way. */
export interface AheadNumbers {
  readonly minimumExpectedNum: number
  readonly providedNum: number
}

/** What one provider means with them. */
export type AheadReading = (numbers: AheadNumbers) => { readonly head: number; readonly providedParent: number }

/** Its Cloudflare provider reports its head and the parent that it was given, not what the names say. */
export const headAndParent: AheadReading = ({ minimumExpectedNum, providedNum }) => ({
  head: minimumExpectedNum,
  providedParent: providedNum,
})

/**
 * LiveStore's errors under the contract's names. An error that has one of the contract's names already (of a backend
 * that knows more than LiveStore's errors can say) keeps it; anything else is unknown.
 */
export const translateError = (error: unknown, ahead: AheadReading = headAndParent): ThrownFailure => {
  if (contractNames.has(member(error, "_tag"))) return error as ThrownFailure
  switch (member(error, "_tag")) {
    case "IsOfflineError":
      return { _tag: "IsOffline", message: shortMessage(error) }
    case "ServerAheadError":
      return {
        _tag: "ServerAhead",
        ...ahead({
          minimumExpectedNum: Number(member(error, "minimumExpectedNum")),
          providedNum: Number(member(error, "providedNum")),
        }),
      }
    case "BackendIdMismatchError":
      return {
        _tag: "BackendIdMismatch",
        expected: String(member(error, "expected")),
        received: String(member(error, "received")),
      }
    default:
      return { _tag: "UnknownError", message: shortMessage(error) }
  }
}
