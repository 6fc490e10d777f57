import { Effect } from "effect"
import { PayloadRejected } from "../../../contract/errors.ts"
import { protocolVersion, unavailable, type ClientMessage, type WireError } from "../wire.ts"
import type { Session } from "./application.ts"
import type { Backend } from "./backend.ts"
import type { Sessions } from "./connection.ts"
import { limits } from "./limits.ts"
import type { LogHead, StorageFailed } from "./log-store.ts"

type Hello = Extract<ClientMessage, { readonly t: "hello" }>

interface GreetingParts {
  readonly backend: Backend
  readonly sessions: Sessions
  /** Whether this object keeps the store with this name. */
  readonly ownsStore: (storeId: string) => Effect.Effect<boolean>
}

/**
 * The hello is for another store than the one that was dialled. A client makes both from one name, so that no sound one
 * says it, and saying it again changes nothing.
 */
export class AnotherStore {
  readonly _tag = "AnotherStore"
}

type GreetingRefusal = WireError | AnotherStore

/** Who a hello says that it is from. */
export const whoSays = ({ storeId, clientId, ...rest }: Hello): Session => ({
  storeId,
  clientId,
  ...("payload" in rest ? { payload: rest.payload } : {}),
})

/** Whether a hello is the one that made this session, once more. */
export const isRepeated = (session: Session, hello: Hello): boolean => {
  const { storeId, clientId, payload } = session
  const said = whoSays(hello)
  return (
    hello.version === protocolVersion &&
    said.storeId === storeId &&
    said.clientId === clientId &&
    JSON.stringify(said.payload) === JSON.stringify(payload)
  )
}

/** What the backend makes of a greeting: a session under the connection's id and the head, or a refusal of the connection. */
export const greet = (
  parts: GreetingParts,
  connection: string,
  hello: Hello,
): Effect.Effect<LogHead, GreetingRefusal> =>
  Effect.gen(function* () {
    const session = yield* readSession(parts, hello)
    const head = yield* parts.backend.connect(session)
    yield* parts.sessions.put(connection, session)
    return head
  }).pipe(Effect.mapError(wireError))

/** The same for a client that was greeted before and says hello with each request: the application is not asked. */
export const greetAgain = (
  parts: GreetingParts,
  connection: string,
  hello: Hello,
): Effect.Effect<void, GreetingRefusal> =>
  Effect.flatMap(readSession(parts, hello), (session) => parts.sessions.put(connection, session)).pipe(
    Effect.mapError(wireError),
  )

const wireError = (error: GreetingRefusal | StorageFailed): GreetingRefusal =>
  error._tag === "StorageFailed" ? unavailable(error.message) : error

/** Who says hello, if this object serves them. */
const readSession = (parts: GreetingParts, hello: Hello): Effect.Effect<Session, GreetingRefusal> =>
  Effect.gen(function* () {
    if (hello.version !== protocolVersion) {
      return yield* Effect.fail({ _tag: "UnsupportedVersion", supported: protocolVersion } as const)
    }
    if (!(yield* parts.ownsStore(hello.storeId))) return yield* Effect.fail(new AnotherStore())
    const session = whoSays(hello)
    if (JSON.stringify(session.payload ?? null).length > limits.payloadBytes) {
      return yield* new PayloadRejected({ message: `a payload has at most ${limits.payloadBytes} bytes` })
    }
    return session
  })
