import { must, type Section } from "./section.ts"

/** Clauses about clients that push and pull at the same time. */
export const race: Section = {
  name: "race",
  title: "Concurrent pushes and pulls",
  clauses: [
    must(
      "race/same-parent",
      "N clients push N batches on one parent at once: one of them and no more is accepted, every other gets `ServerAhead` with a true head, and only the winner's batch is in the log.",
    ),
    must("race/cold", "As `race/same-parent`, on a backend that was started or evicted a moment ago."),
    must(
      "race/slow-hook",
      "As `race/same-parent`, while the application's push hook is asynchronous and takes its time.",
    ),
    must(
      "race/rebase-all-land",
      "When N clients answer each `ServerAhead` by rebasing and pushing again, every event of every one of them ends up in the log exactly once.",
    ),
    must(
      "race/concurrent-pulls",
      "Pulls that run at the same time from the same cursor, on one client or on several, all yield the same log.",
    ),
    must(
      "race/pull-during-push",
      "A pull while others push yields a prefix of the final log, without gaps, and comes to its end at whatever rate the others push.",
    ),
  ],
}
