import { Deferred, Effect } from "effect"

/**
 * Lets all who ask the same thing share one answer, if it was looked up after each of them asked: while one read is
 * on its way, those who come meanwhile share the next. So a poke to a thousand live pulls costs two reads.
 */
export const sharedReads = <A, E>(): ((key: string, read: Effect.Effect<A, E>) => Effect.Effect<A, E>) => {
  const latest = new Map<string, { begun: boolean; readonly answer: Deferred.Deferred<A, E> }>()
  return (key, read) =>
    Effect.suspend(() => {
      const before = latest.get(key)
      if (before?.begun === false) return Deferred.await(before.answer)
      const own = { begun: false, answer: Deferred.makeUnsafe<A, E>() }
      latest.set(key, own)
      return Effect.andThen(
        before === undefined ? Effect.void : Effect.exit(Deferred.await(before.answer)),
        Effect.suspend(() => {
          own.begun = true
          return read
        }),
      ).pipe(
        Effect.onExit((exit) =>
          Effect.sync(() => {
            if (latest.get(key) === own) latest.delete(key)
            Deferred.doneUnsafe(own.answer, exit)
          }),
        ),
        // Others wait for it too.
        Effect.uninterruptible,
      )
    })
}
