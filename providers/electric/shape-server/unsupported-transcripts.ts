/**
 * Recorded exchanges that the shape server does not repeat, each with the reason. `docs/electric-shape-server.md` lists
 * them.
 */
export const unsupportedTranscripts: Readonly<Record<string, string>> = {
  "g-37-subset-order-by":
    "subsets of a shape are not served: neither the official client's stream nor the provider asks for one",
  "k-04-pg-restored-new-row": "follows from a data directory that was copied back under a running Electric",
  "k-16-kill9-after-delivery-2": "Electric's false 409 after a kill; here the shape outlives a kill",
  "k-17-kill9-after-delivery-3": "Electric's false 409 after a kill; here the shape outlives a kill",
  "k-18-kill9-after-delivery-4": "Electric's false 409 after a kill; here the shape outlives a kill",
  "k-20-kill9-after-delivery-6": "Electric's false 409 after a kill; here the shape outlives a kill",
  "k-21-kill9-after-delivery-7": "Electric's false 409 after a kill; here the shape outlives a kill",
  "k-26-wiped-pg-start-shape-t1677":
    "a moment of Electric's start between its listening and its first connection to Postgres",
  "o-03-overload-live-2": "recorded under a limit of concurrent requests, which the shape server does not have",
  "o-05-overload-live-0": "recorded under a limit of concurrent requests, which the shape server does not have",
}
