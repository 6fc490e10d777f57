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

/** What the backend makes of a greeting: a session under the connection's id and the head, or a refusal of the connection. */
export const greet = (parts: GreetingParts, connection: string, hello: Hello): Effect.Effect<LogHead, WireError> =>
  Effect.gen(function* () {
    const session = yield* readSession(parts, hello)
    const head = yield* parts.backend.connect(session)
    yield* parts.sessions.put(connection, session)
    return head
  }).pipe(Effect.mapError(wireError))

/** The same for a client that was greeted before and says hello with each request: the application is not asked. */
export const greetAgain = (parts: GreetingParts, connection: string, hello: Hello): Effect.Effect<void, WireError> =>
  Effect.flatMap(readSession(parts, hello), (session) => parts.sessions.put(connection, session)).pipe(
    Effect.mapError(wireError),
  )

const wireError = (error: WireError | StorageFailed): WireError =>
  error._tag === "StorageFailed" ? unavailable(error.message) : error

/** Who says hello, if this object serves them. */
const readSession = (parts: GreetingParts, hello: Hello): Effect.Effect<Session, WireError> =>
  Effect.gen(function* () {
    if (hello.version !== protocolVersion) {
      return yield* Effect.fail({ _tag: "UnsupportedVersion", supported: protocolVersion } as const)
    }
    if (!(yield* parts.ownsStore(hello.storeId))) {
      return yield* Effect.fail(unavailable("this object keeps another store"))
    }
    const { storeId, clientId } = hello
    const session: Session = { storeId, clientId, ...("payload" in hello ? { payload: hello.payload } : {}) }
    if (JSON.stringify(session.payload ?? null).length > limits.payloadBytes) {
      return yield* new PayloadRejected({ message: `a payload has at most ${limits.payloadBytes} bytes` })
    }
    return session
  })
