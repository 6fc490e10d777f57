import { Effect } from "effect"
import { makeMock } from "../../mock/provider.ts"

/** A provider that must fail: it acknowledges what it never stores. A run that does not convict it is worth nothing. */
export const canary = makeMock({
  key: "canary",
  title: "the mock, acknowledging what it never stores",
  seams: () => ({ backend: { append: () => Effect.succeed(true) } }),
})
