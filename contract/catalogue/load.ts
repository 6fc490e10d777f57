import { should, type Section } from "./section.ts"

/** Clauses that measure. */
export const load: Section = {
  name: "load",
  title: "Load",
  clauses: [
    should(
      "load/throughput",
      "Reported: how many events a second are pushed, and how many are pulled, beside the batch size.",
    ),
    should("load/fan-out", "Reported: the time from an acknowledgement until the last of N live pulls has the batch."),
    should(
      "load/soak",
      "From the start of a run to its end there is no growth in memory, sockets, subscriptions or file handles.",
    ),
  ],
}
