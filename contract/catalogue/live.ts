import { must, should, type Section } from "./section.ts"

/** Clauses about live pulls. */
export const live: Section = {
  name: "live",
  title: "Live pulls",
  clauses: [
    must(
      "live/history-then-stay",
      "A live pull yields the suffix behind its cursor, says `NoMore` when it has caught up, and remains open.",
    ),
    must("live/never-completes", "A live pull does not end successfully of its own accord."),
    must(
      "live/no-more-promptly",
      "After every live item that announces more, `NoMore` or a failure comes within the declared delivery time (at most 10 s).",
    ),
    must(
      "live/others",
      "After catching up it delivers each later batch of each client, the client's own as well, one time and in order.",
    ),
    must(
      "live/join-under-writes",
      "When a live pull joins while others push, the hand-over from history to live neither loses nor repeats nor reorders anything.",
    ),
    must(
      "live/idle",
      "It outlasts an idle time that is longer than any of the provider's keep-alive, poll and hibernation periods.",
    ),
    must("live/two-on-one-client", "Of two live pulls on one client, each receives everything."),
    must(
      "live/reopen",
      "Interrupted and opened again at the cursor 50 times over, it yields the exact suffix each time, and in the end there are no more subscriptions than at the beginning.",
    ),
    must(
      "live/many",
      "Of 200 live pulls on one store each receives everything; of 1,000, where the provider declares so many.",
    ),
    must(
      "live/slow-consumer",
      "While one consumer does not read, neither pushes nor the other consumers are delayed; when it reads again it receives everything.",
    ),
    must(
      "live/bad-neighbour",
      "A subscriber that is dead, is closing, throws or bears another's name keeps no batch from the other subscribers, doubles none, and leaves the outcome of the push unchanged.",
    ),
    must(
      "live/after-drop",
      "On a dropped connection a live pull continues from exactly where it stood or fails with `IsOffline`. It is never open yet silent for longer than the detection time.",
    ),
    must("live/half-open", "As `live/after-drop`, where the link is not closed but falls silent."),
    must("live/after-restart", "As `live/after-drop`, where the backend restarts, is evicted or hibernates."),
    must("live/interrupt", "When it is interrupted, the backend frees its subscription."),
    should("live/latency", "Within the declared delivery time an acknowledged batch is on the live pulls."),
  ],
}
