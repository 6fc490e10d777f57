import type { Effect } from "effect"
import { traced } from "../tracing.ts"
import type { ClientMessage } from "../wire.ts"

const names: Readonly<Partial<Record<ClientMessage["t"], string>>> = {
  hello: "object.connect",
  push: "object.push",
  pull: "object.pull",
  check: "object.ping",
}

/** What the object does with a message, as a span beneath the client's. Parts of a batch before the last are none. */
export const tracedMessage = (message: ClientMessage, handled: Effect.Effect<void>): Effect.Effect<void> => {
  const name = names[message.t]
  if (name === undefined || (message.t === "push" && message.part < message.parts - 1)) return handled
  return traced(name, () => ({ kind: "server", cause: "trace" in message ? message.trace : undefined }), handled)
}
