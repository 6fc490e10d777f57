import { must, type Section } from "./section.ts"

/** Clauses about what clients hand over (payload), what events carry (args) and what the application refuses (reject). */
export const payload: Section = {
  name: "payload",
  title: "Payloads, arguments and rejection",
  clauses: [
    must(
      "payload/reaches",
      "On every transport the payload comes to the application's hook on connect, push, pull and live pull, equal to what the client gave.",
    ),
    must(
      "payload/absent",
      'A client without a payload is reported as having none: not as null, not as `"undefined"`, not with the payload of another client.',
    ),
    must(
      "payload/rejected",
      "Where the application rejects the payload, connect, push, pull and live pull settle with failure, and nothing is stored or shown.",
    ),
    must("payload/typed", "The failure of `payload/rejected` is `PayloadRejected`."),
    must(
      "payload/expires",
      "Once a payload has been revoked in the middle of a session, pushes and pulls are refused, and live pulls deliver nothing that was pushed afterwards and end within the detection time. Operations that overlap the revocation may go either way.",
    ),
    must("payload/own", "When clients of one store have different payloads, each client keeps its own."),
    must(
      "payload/any-json",
      "Every JSON payload of up to the declared size arrives equal, with unicode, quotes, characters that mean something in a URL, and deep nesting.",
    ),
    must(
      "args/fidelity",
      "`args` are equal as pushed, as pulled and as delivered live: unicode, numbers at the limits, empty values, undefined members (dropped), the keys `__proto__` and `constructor`, deep nesting. With lone surrogates and NUL they are equal too, or the batch is refused whole; they are never altered.",
    ),
    must(
      "args/invalid",
      "With `args` that make `JSON.stringify` throw, nothing is stored and the push settles; under `errors: full` it does so with `InvalidPush`.",
    ),
    must(
      "reject/nothing-stored",
      "When the application's logic rejects a push, be it for a single event of the batch, nothing of it is stored; the good push after it succeeds.",
    ),
    must(
      "reject/typed",
      "The failure of such a push is `PushRejected`, and it carries the reason that the application gave.",
    ),
    must(
      "reject/async",
      "`reject/nothing-stored` and `reject/typed` hold as well when the application's hook is asynchronous, and when it throws.",
    ),
  ],
}
