import { must, type Section } from "./section.ts"

/** Clauses about tenancy: one store and another. */
export const store: Section = {
  name: "store",
  title: "Tenancy",
  clauses: [
    must("store/isolated", "No event, live update, head or payload of one store gets into another."),
    must(
      "store/similar-names",
      "The same between names that differ in nothing but case, `-` against `_`, unicode form, or what follows their 64th or their 100th character.",
    ),
    must(
      "store/odd-names",
      "A name that holds quotes, slashes, dots, spaces, SQL or URL syntax names a store of its own; or it is refused, at connect and everywhere else.",
    ),
    must(
      "store/many-on-one-client",
      "One client process that has ten stores open keeps them apart, their live pulls as well.",
    ),
  ],
}
