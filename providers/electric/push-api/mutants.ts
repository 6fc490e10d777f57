import { referenceSeams, type PushSeams } from "./seams.ts"

/** The seams to run with, and how often the planted bug made something wrong. */
export const plantedSeams = (mutant: string): { readonly seams: PushSeams; readonly fired: () => number } => {
  let times = 0
  const fire = <A>(wrong: A): A => {
    times += 1
    return wrong
  }
  const planted: Readonly<Record<string, Partial<PushSeams>>> = {
    "": {},
    "unlocked-head": { locksHead: false },
    "any-parent-behind": { standsOn: (parent, head) => (parent < head ? fire(true) : parent === head) },
    "head-off-by-one": { refusedHead: (head) => fire(head + 1) },
  }
  const changes = planted[mutant]
  if (changes === undefined) throw new Error(`there is no mutant ${mutant}`)
  return { seams: { ...referenceSeams, ...changes }, fired: () => times }
}
