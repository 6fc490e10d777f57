import { must, should, type Section } from "./section.ts"

/** Clauses about one client that pushes. */
export const push: Section = {
  name: "push",
  title: "Push",
  clauses: [
    must("push/one", "A single event that stands on the head is accepted; the log then holds an equal event."),
    must(
      "push/batch",
      "Batches of every size, from 1 up to the limit, are accepted whole. No size near an internal chunk size is treated differently.",
    ),
    must("push/empty", "A batch without events succeeds and leaves everything as it was."),
    must("push/sequential", "Batches that are pushed one after the other stand in the log in the order of pushing."),
    must("push/definite-when-healthy", "While no fault is applied, no operation has an indefinite end."),
    must(
      "push/stale-parent",
      "When the first parent of a batch lies behind the head, the answer is `ServerAhead` with a true head, and nothing is stored.",
    ),
    must(
      "push/future-parent",
      "When the first parent of a batch lies past the head, the answer is `ServerAhead` or `InvalidPush`, and nothing is stored.",
    ),
    must(
      "push/no-false-ahead",
      "A push whose first parent was the head from the call to the answer is never answered with `ServerAhead`.",
    ),
    must(
      "push/ahead-then-pull",
      "After a `ServerAhead`, each live pull that is open on that client reaches at least the head that the refusal named within the declared delivery time, with no new push needed, or else fails with `IsOffline`.",
    ),
    must(
      "push/broken-chain",
      "Of a batch that is out of order, holds a `seqNum` twice or whose chain breaks inside, nothing is stored; the good batch after it is accepted.",
    ),
    must(
      "push/bad-number",
      "With a `seqNum` that is zero, negative, a fraction, unsafe or no number, nothing is stored; the good batch after it is accepted.",
    ),
    must(
      "push/invalid-typed",
      "Batches as in `push/broken-chain` and `push/bad-number` are refused with `InvalidPush`.",
    ),
    should(
      "push/sparse",
      "Numbers may jump (100 as the first event on parent 0, anything up to 2^53 - 1): such events are accepted, and head, cursor and `remaining` go by the chain.",
    ),
    must(
      "push/over-limit",
      "A batch above the limit is either stored whole or refused whole; a part of it is never stored.",
    ),
    must(
      "push/atomic",
      "Of a batch that fails midway, by a storage fault, a conflict or a kill, nothing remains; the good batch after it is accepted.",
    ),
    must(
      "push/retry",
      "Pushing once more what was accepted ends in `ServerAhead`, or in an acknowledgement of the same batch; in neither case is anything stored a second time.",
    ),
    must(
      "push/lost-ack",
      "A push was accepted and its answer got lost: the client sees an indefinite error, the log holds the events once, `push/retry` applies, and a pull shows them.",
    ),
    must(
      "push/interrupted",
      "Interrupting a push is complete within 100 ms, on a dead link as well, and also when the push's own live echo arrives before its acknowledgement and causes the interruption. The batch is there entirely or not at all, and pushes and live pulls afterwards go on.",
    ),
    must(
      "push/durable",
      "Once acknowledged, a batch survives a kill of the backend at whatever moment after the acknowledgement.",
    ),
    must(
      "push/settles-under-fault",
      "While the backend cannot be reached, a push settles with `IsOffline` within the deadline. Where the provider declares that pushes wait, it settles after the heal instead and can be interrupted at once.",
    ),
    must(
      "push/oversize-event",
      "An event slightly below the declared size is stored. One above it is not stored, its push settles, and store and connection remain usable.",
    ),
  ],
}
