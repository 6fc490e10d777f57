import { Effect, Schema } from "effect"
import { hash32 } from "../../chaos/draw.ts"
import type { EventEncoded } from "../../contract/event.ts"

/** An application could not apply an event. The client that it belongs to stops there. */
export class ApplyFailed extends Schema.TaggedError<ApplyFailed>()("ApplyFailed", {
  seqNum: Schema.Number,
  message: Schema.String,
}) {}

/** What a client makes of its log, event by event. States are values: `apply` gives a new one. */
export interface Application<State> {
  readonly initial: State
  readonly apply: (state: State, event: EventEncoded) => Effect.Effect<State, ApplyFailed>
  /** The state as text, equal for equal states. */
  readonly show: (state: State) => string
}

/** An application that tells any two logs apart, whatever is in them: a digest over all events and their order. */
export const digestOfLog: Application<number> = {
  initial: 0,
  apply: (state, { name, args }) => Effect.succeed(hash32(state, `${name} ${JSON.stringify(args)}`)),
  show: (state) => state.toString(16),
}

/** The state behind events that all can be applied; what cannot is left out. */
export const stateBehind = <State>(
  application: Application<State>,
  state: State,
  events: ReadonlyArray<EventEncoded>,
): Effect.Effect<State> =>
  Effect.reduce(
    events,
    () => state,
    (before, event) => Effect.catch(application.apply(before, event), () => Effect.succeed(before)),
  )
