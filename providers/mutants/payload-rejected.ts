import { Effect } from "effect"
import type { Hook } from "../../contract/test-application.ts"
import { reference, type MockSeams } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"
import { nameless } from "./nameless.ts"

/** The application's word counts on these hooks alone; on the others it is asked and not listened to. */
const listensOnlyTo =
  (...hooks: ReadonlyArray<Hook>) =>
  (fire: () => void): Partial<MockSeams> => ({
    backend: {
      authorise: (call) =>
        hooks.includes(call.hook)
          ? reference.backend.authorise(call)
          : Effect.catch(reference.backend.authorise(call), () => Effect.sync(fire)),
    },
  })

/** A pong that knows of no payload, so that it never says that one is not accepted any more. */
const silentPong: typeof reference.backend.pong = (call) => {
  if (call.attachment === undefined) return reference.backend.pong(call)
  const { payload: _, ...attachment } = call.attachment
  return reference.backend.pong({ ...call, attachment })
}

const base = { source: "T08", seam: "backend.authorise", anomaly: "payload-bleed" } as const

/** Planted bugs in what happens to clients whose payload the application refuses. */
export const payloadRejectedMutants: ReadonlyArray<Mutant> = [
  {
    ...base,
    id: "payload/rejected#shown",
    clause: "payload/rejected",
    title: "pulls of a client with a rejected payload are answered",
    source: "T10",
    make: listensOnlyTo("push", "live"),
  },
  {
    ...base,
    id: "payload/rejected#shown-live",
    clause: "payload/rejected",
    title: "live pulls of a client with a rejected payload are answered",
    source: "T10",
    make: listensOnlyTo("push", "pull"),
  },
  {
    ...base,
    id: "payload/rejected#stored",
    clause: "payload/rejected",
    title: "pushes of a client with a rejected payload are stored",
    source: "T10",
    anomaly: "refused-but-stored",
    make: listensOnlyTo("pull", "live"),
  },
  {
    ...base,
    id: "payload/rejected#connects",
    clause: "payload/rejected",
    title: "connect succeeds with a payload that the application rejects",
    source: "T10",
    make: listensOnlyTo("push", "pull", "live"),
  },
  {
    ...base,
    id: "payload/rejected#hangs",
    clause: "payload/rejected",
    title: "a rejected payload is never answered, and the client waits for ever",
    source: "E10",
    anomaly: "stuck",
    make: (fire) => ({
      backend: {
        authorise: (call) =>
          call.hook === "connect"
            ? Effect.catch(reference.backend.authorise({ ...call, record: false }), () => Effect.void)
            : Effect.catch(reference.backend.authorise(call), () => Effect.andThen(Effect.sync(fire), Effect.never)),
        pong: silentPong,
      },
      client: { deadlineMs: () => Number.MAX_SAFE_INTEGER },
    }),
  },
  {
    ...base,
    id: "payload/typed#unknown",
    clause: "payload/typed",
    title: "a rejected payload comes out as an unknown error",
    source: "E01",
    seam: "client.mapError",
    anomaly: "wrong-refusal",
    make: (fire) => ({ client: { mapError: nameless("PayloadRejected", fire) } }),
  },
  {
    ...base,
    id: "payload/expires#asked-once",
    clause: "payload/expires",
    check: "payload/expires",
    title: "the application is asked once for each connection",
    make: (fire) => ({
      backend: {
        authorise: (call) =>
          call.hook === "connect"
            ? reference.backend.authorise(call)
            : Effect.catch(reference.backend.authorise(call), () => Effect.sync(fire)),
        pong: silentPong,
      },
    }),
  },
  {
    ...base,
    id: "payload/expires#live-goes-on",
    clause: "payload/expires",
    check: "payload/expires",
    title: "a live pull is authorised when it begins and never again",
    make: (fire) => ({
      backend: {
        authorise: (call) =>
          call.hook !== "live" || call.record
            ? reference.backend.authorise(call)
            : Effect.catch(reference.backend.authorise(call), () => Effect.sync(fire)),
        pong: silentPong,
      },
    }),
  },
  {
    ...base,
    id: "payload/expires#push-goes-on",
    clause: "payload/expires",
    check: "payload/expires",
    title: "pushes of a client whose payload was revoked are stored",
    anomaly: "refused-but-stored",
    make: (fire) => ({
      backend: {
        authorise: (call) =>
          call.hook !== "push"
            ? reference.backend.authorise(call)
            : Effect.catch(reference.backend.authorise(call), () => Effect.sync(fire)),
        pong: silentPong,
      },
    }),
  },
  {
    ...base,
    id: "payload/expires#pull-goes-on",
    clause: "payload/expires",
    check: "payload/expires",
    title: "pulls of a client whose payload was revoked are answered",
    make: (fire) => ({
      backend: {
        authorise: (call) =>
          call.hook !== "pull"
            ? reference.backend.authorise(call)
            : Effect.catch(reference.backend.authorise(call), () => Effect.sync(fire)),
        pong: silentPong,
      },
    }),
  },
  {
    ...base,
    id: "payload/expires#until-the-next-push",
    clause: "payload/expires",
    check: "payload/expires#quiet",
    title: "a live pull learns of the revocation only when something is pushed",
    seam: "client.decodeDown",
    make: (fire) => ({
      backend: { pong: silentPong },
      client: {
        decodeDown: (line) => {
          const frame = reference.client.decodeDown(line)
          if (frame?.t !== "poke" || frame.again === undefined) return frame
          fire()
          return { t: "poke", head: frame.head }
        },
      },
    }),
  },
  {
    ...base,
    id: "payload/expires#half-stored",
    clause: "payload/expires",
    check: "payload/expires#overlap",
    title: "a push whose payload is revoked on its way is stored up to where the revocation found it",
    seam: "backend.append",
    anomaly: "torn-batch",
    make: (fire) => ({
      backend: {
        append: (call) =>
          Effect.gen(function* () {
            const { context, events } = call
            if (context.app.judge(context.attachment.payload).ok || events.length < 2) {
              return yield* reference.backend.append(call)
            }
            fire()
            yield* reference.backend.append({ ...call, events: events.slice(0, 1), head: events[0]!.seqNum })
            return yield* Effect.die(new Error("the session is over"))
          }),
      },
    }),
  },
]
