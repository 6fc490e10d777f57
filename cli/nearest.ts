/** The word most like `word`, if one is like it at all: at most a third of its letters differ. */
export const nearest = (word: string, words: Iterable<string>): string | undefined => {
  let best: { readonly word: string; readonly distance: number } | undefined
  for (const candidate of words) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (best === undefined || distance < best.distance) best = { word: candidate, distance }
  }
  return best !== undefined && best.distance <= Math.max(1, Math.ceil(word.length / 3)) ? best.word : undefined
}

/** ` (did you mean "x"?)`, or nothing. */
export const didYouMean = (word: string, words: Iterable<string>): string => {
  const found = nearest(word, words)
  return found === undefined ? "" : ` (did you mean "${found}"?)`
}

/** Letters to insert, delete or replace to make one word of the other. */
const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, right] of [...b].entries()) {
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (left === right ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1)!
}
