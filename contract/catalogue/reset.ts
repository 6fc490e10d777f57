import { must, should, type Section } from "./section.ts"

/** Clauses about the identity of a backend's data, and about the harness's own reset. */
export const reset: Section = {
  name: "reset",
  title: "Backend identity",
  clauses: [
    must("reset/id-stable", "Log and backendId outlive a restart, an eviction and an upgrade."),
    must(
      "reset/never-false",
      "Without a wipe or a restore there is no `BackendIdMismatch`, since LiveStore answers it by deleting local data.",
    ),
    must("reset/pull-mismatch", "After a wipe, pulling with a cursor from before fails with `BackendIdMismatch`."),
    must(
      "reset/push-mismatch",
      "After a wipe, a client that knew the earlier life gets `BackendIdMismatch` for its push.",
    ),
    must(
      "reset/live-mismatch",
      "A live pull that was open during a wipe delivers nothing of the new life. It fails with `BackendIdMismatch`; or, if the link was cut, with `IsOffline`, and the pull that resumes it fails with `BackendIdMismatch`.",
    ),
    must(
      "reset/never-adopted",
      "A client that knew one backendId never takes over another in silence, not even by a pull without a cursor.",
    ),
    must("reset/fresh-client", "To a fresh client that comes after the wipe the log is empty, and it can push."),
    must(
      "reset/wipe-under-running",
      "When storage is wiped under a backend that keeps running, nothing is acknowledged that is missing from a fresh pull.",
    ),
    should(
      "reset/older-snapshot",
      "When a backend was restored to an older state, clients that are ahead of it notice: they get a failure, and the log does not fork in silence.",
    ),
    should(
      "reset/foreign-cursor",
      "A cursor is refused when its event is another than the one that stands at its position.",
    ),
    must(
      "reset/clean-state",
      "After the harness's own reset nothing of the preceding test is left: no event, no subscription, no fault, no connection.",
      "harness",
    ),
  ],
}
