import { must, type Section } from "./section.ts"

/** Clauses about pulling a log, live or not. */
export const pull: Section = {
  name: "pull",
  title: "Pull",
  clauses: [
    must("pull/empty", "An empty log yields exactly one item, which is empty and says `NoMore`; then the stream ends."),
    must("pull/all", "A pull without a cursor yields the whole log, in order."),
    must(
      "pull/suffix",
      "Whatever the cursor, exactly the events behind it are yielded; also when a new process of the same client pulls, and also when the cursor carries no metadata.",
    ),
    must("pull/at-head", "With the cursor at the head there is one item, empty, `NoMore`."),
    must(
      "pull/beyond-head",
      "With the cursor past the head the pull, finite or live, fails typed, as `CursorAhead` or as `BackendIdMismatch`, before it yields any item.",
    ),
    must(
      "pull/page-info",
      "`pageInfo` tells the truth: `NoMore` is said exactly once, by the last item; where the provider says that it knows `remaining`, that number is exact.",
    ),
    must(
      "pull/page-size",
      "No page exceeds the declared bounds in events and in bytes, however large or small the events are.",
    ),
    must(
      "pull/read-your-writes",
      "An event that was known when a pull began is among what that pull yields up to its `NoMore`.",
    ),
    must("pull/only-durable", "What a pull has delivered, any pull, survives every kill that comes later."),
    must("pull/monotonic", "The part of the log that one client has seen neither shrinks nor changes."),
    must(
      "pull/large-log",
      "A log of 10,000 events, and one of 100 events of 100 kB each, arrives whole; the memory needed is bounded by a page and not by the log.",
    ),
    must(
      "pull/lazy",
      "To build a pull has no effect and never throws. The work is done when it is run, and interrupting it ends the work on this side and on the backend.",
    ),
    must(
      "pull/cut",
      "A pull whose connection is cut or cleanly closed after any page goes on from exactly there, or fails; it never completes before a `NoMore`.",
    ),
    must(
      "pull/transient-is-offline",
      "When the link is lost, the backend restarts or is evicted, its storage has an outage or it answers 5xx, a pull goes on or fails, and then with `IsOffline` and no other error.",
    ),
    must(
      "pull/offline-paced",
      "A caller that repeats its pull immediately and without end while the backend is down causes no more than 5 attempts a second on the wire.",
    ),
    must("pull/metadata", "The metadata of a cursor is unharmed by a round trip through JSON."),
  ],
}
