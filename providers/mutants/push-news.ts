import { Effect } from "effect"
import { reference } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"

/** A client that looks for nothing that it was told of by a refusal. */
const deafToRefusals = (fire: () => void): ReturnType<Mutant["make"]> => {
  let refusedHead = 0
  return {
    client: {
      mapError: (error, operation) => {
        if (error.tag === "ServerAhead") refusedHead = Math.max(refusedHead, Number(error["head"]))
        return reference.client.mapError(error, operation)
      },
      onPoke: ({ head, cursor }) => {
        const news = reference.client.onPoke({ head, cursor })
        if (news && head <= refusedHead) fire()
        return news && head > refusedHead
      },
    },
  }
}

/** Planted bugs in how a client that was refused comes to know what it missed. */
export const pushNewsMutants: ReadonlyArray<Mutant> = [
  {
    id: "push/ahead-then-pull#unpublished",
    clause: "push/ahead-then-pull",
    check: "push/ahead-then-pull",
    title: "live pulls are not told of a batch, in no way, so a loser waits for it in vain",
    source: "K01",
    seam: "backend.publish",
    anomaly: "silent-live",
    make: (fire) => ({
      backend: { publish: () => Effect.sync(fire), pong: ({ id }) => ({ t: "pong", id, ok: true }) },
      client: { onPoke: () => false },
    }),
  },
  ...["lost-news", "lost-echo"].map((word): Mutant => ({
    id: `push/ahead-then-pull#${word}`,
    clause: "push/ahead-then-pull",
    check: `push/ahead-then-pull#${word}`,
    title: "a live pull whose news got lost is not told of the head that a refusal named",
    source: "K01",
    seam: "client.onPoke",
    anomaly: "silent-live",
    make: deafToRefusals,
  })),
]
