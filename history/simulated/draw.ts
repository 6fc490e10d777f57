/** Draws a whole number from 0 to `below` - 1. */
export type Draw = (below: number) => number

/** Reads choices one after the other; `spent` once there are none left. Then every draw is 0. */
export const drawFrom = (choices: ReadonlyArray<number>): { readonly draw: Draw; readonly spent: () => boolean } => {
  let at = 0
  return { draw: (below) => (choices[at++] ?? 0) % below, spent: () => at >= choices.length }
}
