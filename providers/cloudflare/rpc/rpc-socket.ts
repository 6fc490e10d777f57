import { headerOf, statusOf } from "../../../chaos/links/http-head.ts"
import { makeLineReader } from "../../../chaos/links/line-reader.ts"
import type { VirtualSocket } from "../../../contract/provider.ts"
import type { OpenSocket } from "../client/socket-link.ts"
import { encodeFrame, pingFrame, protocolVersion } from "../wire.ts"
import type { Hint } from "../client/link.ts"
import type { RpcAnswer } from "./calls.ts"
import { frameToLine, lineToFrame } from "./frame-line.ts"

/** A heartbeat that is not answered within it ends the connection, in milliseconds. */
const silenceMs = 3_500
/** Heartbeats after something was said: a loss shows early while the client is in use. Then both sides may sleep. */
const beatsAfterUseMs = [1_500, 4_500]

/** One registration with the store's object, as its socket uses it. */
export interface RpcRoute {
  readonly frame: (frame: string) => Promise<RpcAnswer>
  readonly end: () => void
}

/** What carries lines to the route and back: the two ends of a link, or of nothing at all. */
export type DialLines = (accept: (far: VirtualSocket) => boolean) => VirtualSocket | undefined

/** A socket whose frames travel as calls between two objects. */
export interface RpcSocket {
  /** Hands over what the store's object said by a call of its own; false when it was lost on the way. */
  readonly deliver: (frames: ReadonlyArray<string>, closed: boolean) => Promise<boolean>
  /** Asks for a sign of life. */
  readonly beat: () => void
}

/**
 * Opens sockets over calls. `route` makes the registration of a new connection, or with `resumed` goes on with the
 * one from before the client's object slept: then the greeting is answered here, with what was heard last.
 */
export const rpcSockets = (parts: {
  readonly dial: DialLines
  readonly route: () => RpcRoute & { readonly resumed: Hint | undefined }
  /** Told of the socket that frames from the store's object go to. */
  readonly onSocket: (socket: RpcSocket | undefined) => void
  /** How long a frame may take through the link until it counts as lost, in milliseconds. */
  readonly lostAfterMs: number
}): OpenSocket => {
  return (_url, events) => {
    const route = parts.route()
    let far: VirtualSocket | undefined
    let ended = false
    let greeted = false
    let quiet: ReturnType<typeof setTimeout> | undefined
    let beats: Array<ReturnType<typeof setTimeout>> = []
    /** Frames that the store's object waits to see arrive. */
    const arriving = new Map<string, () => void>()
    /** Resolves once the client was welcomed again after a sleep, or never will be: before that it takes no news. */
    let settleResumed = (): void => undefined
    const resumed = route.resumed === undefined ? undefined : new Promise<void>((resolve) => (settleResumed = resolve))

    const stopTimers = (): void => {
      clearTimeout(quiet)
      quiet = undefined
      for (const timer of beats) clearTimeout(timer)
      beats = []
    }
    const end = (): void => {
      ended = true
      stopTimers()
      settleResumed()
      parts.onSocket(undefined)
    }
    const closed = (message: string): void => {
      if (ended) return
      end()
      events.onClosed(message)
    }

    const beat = (): void => {
      if (ended) return
      near?.send(`${pingFrame}\n`)
      expectAnswer()
    }
    const expectAnswer = (): void => {
      quiet ??= setTimeout(() => {
        near?.close()
        closed("the backend fell silent")
      }, silenceMs)
    }
    const used = (): void => {
      for (const timer of beats) clearTimeout(timer)
      beats = beatsAfterUseMs.map((ms) => setTimeout(beat, ms))
    }

    const accept = (socket: VirtualSocket): boolean => {
      far = socket
      const reader = makeLineReader()
      socket.onChunk((chunk) => {
        for (const line of reader.feed(chunk)) void call(lineToFrame(line))
      })
      let over = false
      socket.onClose(() => {
        if (!over) route.end()
      })
      const call = async (frame: string): Promise<void> => {
        try {
          const answer = await route.frame(frame)
          for (const each of answer.frames) socket.send(`${frameToLine(each)}\n`)
          if (!answer.closed) return
          over = true
          socket.close()
        } catch {
          // The object was taken away in the middle, or cannot be reached.
          socket.close()
        }
      }
      return true
    }

    const near = parts.dial(accept)
    if (near === undefined) {
      queueMicrotask(() => closed("the connection was refused"))
      return { send: () => undefined, close: () => undefined, terminate: () => undefined }
    }
    const reader = makeLineReader()
    /** What answers in the backend's place speaks HTTP, as a proxy does. */
    let head = ""
    const refused = (): void => {
      if (ended) return
      end()
      events.onRefused(statusOf(head), headerOf(head, "retry-after"))
    }
    const receive = (line: string): void => {
      if (head !== "" || line.startsWith("HTTP/")) return void (head += line)
      clearTimeout(quiet)
      quiet = undefined
      const frame = lineToFrame(line)
      const seen = arriving.get(frame)
      arriving.delete(frame)
      seen?.()
      if (!frame.startsWith(`{"t":"pong"`)) used()
      events.onFrame(frame)
    }
    near.onChunk((chunk) => {
      for (const line of reader.feed(chunk)) if (!ended) receive(line)
    })
    near.onClose(() => (head === "" ? closed("the connection was closed") : refused()))
    parts.onSocket({
      beat,
      deliver: async (frames, last) => {
        await resumed
        if (far === undefined || ended) return false
        const arrived = frames.map(
          (frame) =>
            new Promise<boolean>((resolve) => {
              const lost = setTimeout(() => resolve(false), parts.lostAfterMs)
              arriving.set(frame, () => {
                clearTimeout(lost)
                resolve(true)
              })
              far?.send(`${frameToLine(frame)}\n`)
            }),
        )
        if (last) far.close()
        return (await Promise.all(arrived)).every(Boolean)
      },
    })
    queueMicrotask(() => {
      if (!ended) events.onOpen()
    })

    return {
      send: (frame) => {
        if (ended) return
        if (!greeted && route.resumed !== undefined) {
          greeted = true
          const { backendId, head } = route.resumed
          const welcome = encodeFrame({ t: "welcome", version: protocolVersion, backendId, head })
          return queueMicrotask(() => {
            events.onFrame(welcome)
            settleResumed()
          })
        }
        greeted = true
        if (frame === pingFrame) expectAnswer()
        else used()
        near.send(`${frameToLine(frame)}\n`)
      },
      close: () => {
        near.close()
        queueMicrotask(() => closed("closed"))
      },
      terminate: () => {
        near.close()
        end()
      },
    }
  }
}
