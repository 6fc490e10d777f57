import type { Capabilities } from "../../contract/capabilities.ts"
import type { SyncErrorTag } from "../../contract/errors.ts"

/** Errors that LiveStore's own type can say; everything else comes out as an unknown error there. */
const inLiveStore: ReadonlySet<SyncErrorTag> = new Set([
  "IsOffline",
  "ServerAhead",
  "BackendIdMismatch",
  "UnknownError",
])

/**
 * The errors with which a provider can say any of these: the same ones with `errors: full`; with
 * `errors: livestore` an unknown error stands in for each that LiveStore's type lacks.
 */
export const refusalTags = (
  { errors }: Pick<Capabilities, "errors">,
  tags: ReadonlyArray<SyncErrorTag>,
): ReadonlyArray<SyncErrorTag> => {
  if (errors === "full" || tags.every((tag) => inLiveStore.has(tag))) return tags
  return [...new Set<SyncErrorTag>([...tags.filter((tag) => inLiveStore.has(tag)), "UnknownError"])]
}

/** Ends that promise nothing about what was pushed. */
export const indefiniteTags: ReadonlyArray<SyncErrorTag> = ["IsOffline", "UnknownError"]

/** Why a clause about the type of an error does not apply: for `Check.unsupported`. */
export const typedErrorsOnly = ({ errors }: Pick<Capabilities, "errors">): string | undefined =>
  errors === "full" ? undefined : "the provider's errors are LiveStore's own, which have no name for this one"
