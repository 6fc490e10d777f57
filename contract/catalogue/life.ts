import { must, should, type Section } from "./section.ts"

/** Clauses about the backend's processes and the platform they run on. */
export const life: Section = {
  name: "life",
  title: "Processes and platforms",
  clauses: [
    must("life/restart", "Log, head and backendId are the same after an orderly restart."),
    must(
      "life/kill",
      "At whatever moment the backend is killed, each acknowledged batch is kept, none is torn, and afterwards the store accepts pushes.",
    ),
    must("life/pause", "When the backend freezes and later continues, nothing is lost and nothing is repeated."),
    must("life/evict", "An eviction, with connections open or with none, shows in nothing but a delay."),
    must(
      "life/deploy",
      "Deploying a new version of the backend while clients are connected has no more effect than a restart.",
    ),
    should("life/hibernates", "A backend that is idle does hibernate although a live pull is open (Cloudflare)."),
    should("life/idle-cpu", "On either side, live pulls that are idle use less than 2 % of a core."),
    must(
      "life/small-attachment",
      "Whatever the client did, no more than 2,048 bytes of state are kept for each hibernatable socket (Cloudflare).",
    ),
    must(
      "life/storage-outage",
      "While the backend's database is down, pushes and pulls settle; when it is back, everything that was acknowledged is there.",
    ),
  ],
}
