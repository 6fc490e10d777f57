import { must, should, type Section } from "./section.ts"

/** Clauses about the connection between a client and its backend. */
export const conn: Section = {
  name: "conn",
  title: "Connection",
  clauses: [
    should("conn/starts-disconnected", "`isConnected` is false until the first operation."),
    must("conn/connect", "Once `connect` has succeeded, `isConnected` is true."),
    must(
      "conn/connect-again",
      "Calling `connect` a second time, or twice at once, succeeds and one connection is what remains.",
    ),
    must(
      "conn/unreachable",
      "While the backend is down, `connect` settles with `IsOffline`; when the backend is up again, a later `connect` works.",
    ),
    must(
      "conn/ping",
      "`ping` succeeds while the connection is healthy and fails typed when it is dead, each within the declared time.",
    ),
    must(
      "conn/loss-detected",
      "With a live pull open, `isConnected` turns false within the declared detection time (at most 30 s), both after a reset of the link and after the link falls silent (half-open).",
    ),
    must(
      "conn/recovers",
      "Once the link is healed, `isConnected` turns true within the declared recovery time (at most 60 s) although the caller does nothing but keep, or open again, one live pull; this holds too when the only `connect` was made at the start and failed. After that push and pull succeed.",
    ),
    should(
      "conn/recovery-does-not-decay",
      "Ten cuts, each preceded by a healthy period, are all recovered from in about the same time: success resets the back-off.",
    ),
    must(
      "conn/status-honest",
      "`isConnected` is never true for longer than the detection time while all pushes and pulls fail or hang, and never false for longer than the recovery time while they succeed; here a refusal counts as success.",
    ),
    must(
      "conn/close-releases",
      "When the client's scope is closed, its sockets, subscriptions and timers are freed, on its own side and on the backend.",
    ),
    must(
      "conn/churn",
      "After 1,000 connections were opened and then closed, some in order and some by reset, the backend still accepts new ones.",
    ),
    must(
      "conn/long-lived",
      "A single connection carries 5,000 pulls and pushes while the state that is kept for it stays the same size.",
    ),
    must(
      "conn/garbage",
      "An operation fails when it is answered by an HTML page, an empty body, an answer without its header, a message of unknown kind or half a frame. No event, hole, empty log or defect results, and the operation after it works.",
    ),
    must(
      "conn/retry-budget",
      "A client that meets refusals, 5xx, 409 or connections closed at once makes no more than 20 attempts a minute, with gaps that grow, keeps to `retry-after`, and after `PayloadRejected` makes no further attempt.",
    ),
  ],
}
