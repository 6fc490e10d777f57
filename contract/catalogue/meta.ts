import { must, type Section } from "./section.ts"

/** Clauses about what a provider says of itself. */
export const meta: Section = {
  name: "meta",
  title: "Metadata",
  clauses: [
    must("meta/shape", "The interface is complete in all its members, and name and description are given."),
    must(
      "meta/supports-honest",
      "Whatever `supports` affirms is true, and whatever it denies is not there unannounced.",
    ),
  ],
}
