import { referenceSeams, type PushSeams } from "./seams.ts"

/** How one planted bug changes the push API. `fire` is called each time that something becomes other than it should be. */
type Plant = (fire: () => void) => Partial<PushSeams>

const fired = <A>(fire: () => void, wrong: A): A => {
  fire()
  return wrong
}

/** Planted bugs of the push API, by the ids of `electricMutants`. */
const plants: Readonly<Record<string, Plant>> = {
  "race/same-parent#unlocked": (fire) => ({
    get locksHead() {
      return fired(fire, false)
    },
  }),
  "push/stale-parent#head-off": (fire) => ({ refusedHead: (head) => fired(fire, head + 1) }),
  "reset/pull-mismatch#not-told": (fire) => ({
    get tellsLives() {
      return fired(fire, false)
    },
  }),
  "pull/read-your-writes#old-head": (fire) => {
    const first = new Map<string, number>()
    return {
      begun: (head) => {
        const known = first.get(head.backendId)
        if (known === undefined || known === head.head || head.remaining === undefined) {
          first.set(head.backendId, head.head)
          return head
        }
        const missing = Math.min(head.remaining, head.head - known)
        return fired(fire, { ...head, head: head.head - missing, remaining: head.remaining - missing })
      },
    }
  },
  "payload/expires#unguarded": (fire) => ({
    get watchesPayloads() {
      return fired(fire, false)
    },
  }),
  "live/interrupt#kept": (fire) => ({
    get letsGo() {
      return fired(fire, false)
    },
  }),
  "pull/all#stripped-header": (fire) => ({
    passes: (header) => header !== "electric-offset" || fired(fire, false),
  }),
}

/** The seams to run with, and how often the planted bug made something wrong. Throws for a name that is not there. */
export const plantedSeams = (mutant: string): { readonly seams: PushSeams; readonly fired: () => number } => {
  let times = 0
  if (mutant === "") return { seams: referenceSeams, fired: () => times }
  const plant = plants[mutant]
  if (plant === undefined) throw new Error(`there is no mutant called ${mutant}`)
  const planted = plant(() => void (times += 1))
  // Getters stay getters: they count.
  const seams = Object.defineProperties({ ...referenceSeams }, Object.getOwnPropertyDescriptors(planted))
  return { seams, fired: () => times }
}
