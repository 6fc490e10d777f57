import { must, type Section } from "./section.ts"

/** Clauses about whole clients: the provider together with a client that rebases, applies and retries. */
export const converge: Section = {
  name: "converge",
  title: "Whole clients",
  note: "These judge the provider together with the harness's sync client. `converge/sessions`, `converge/apply-failure` and `converge/client-crash` judge the client alone and never decide whether a provider conforms.",
  clauses: [
    must(
      "converge/writers",
      "N clients with pending events that rebase in the way of LiveStore's leader arrive at one common log, in which every event stands once.",
    ),
    must(
      "converge/offline",
      "The same when the clients were offline for long and each has hundreds of events pending.",
    ),
    must(
      "converge/under-faults",
      "The same under each available fault by which no acknowledged data is lost, within a bounded time from the end of the faults. After a wipe or a restore every client ends typed, and converges when its memory has been cleared.",
    ),
    must("converge/quiet", "With nothing pending, traffic ceases: there is no loop of rebasing, retrying or pulling."),
    must(
      "converge/sessions",
      "An event committed in one session of a client comes to the client's leader, to the backend, to the client's other sessions and to all other clients.",
      "client",
    ),
    must(
      "converge/apply-failure",
      "A client that fails to apply an event stops there, typed: its cursor stays before that event, and when it is restarted with a mended application it continues.",
      "client",
    ),
    must(
      "converge/client-crash",
      "At whatever point of receiving, applying and saving the cursor a client is killed, after its restart the cursor is never past what was applied.",
      "client",
    ),
  ],
}
