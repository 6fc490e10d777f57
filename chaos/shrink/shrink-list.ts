/** Whether a candidate still fails in the way that is looked for. */
export type Fails<A> = (candidate: A) => boolean | Promise<boolean>

/**
 * Takes out of a list what is not needed to fail: chunks of half its length first, then of a quarter, and so on to
 * single members. Deterministic; the list itself is taken to fail. What is left fails, and taking any one member
 * out of it does not.
 */
export const shrinkList = async <A>(
  list: ReadonlyArray<A>,
  fails: Fails<ReadonlyArray<A>>,
): Promise<ReadonlyArray<A>> => {
  let kept = list
  for (let size = Math.max(1, Math.ceil(kept.length / 2)); kept.length > 0;) {
    const before = kept.length
    for (let at = 0; at < kept.length;) {
      const without = [...kept.slice(0, at), ...kept.slice(at + size)]
      if (await fails(without)) kept = without
      else at += size
    }
    if (size > 1) size = Math.ceil(size / 2)
    else if (kept.length === before) return kept
  }
  return kept
}
