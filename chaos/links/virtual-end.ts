import type { VirtualSocket } from "../../contract/provider.ts"
import type { TimersShape } from "../timers.ts"

/** One end of a virtual connection: the socket that is handed out, and how the link speaks to it. */
export interface VirtualEnd {
  readonly socket: VirtualSocket
  /** A chunk arrives. */
  readonly deliver: (chunk: string) => void
  /** The connection has ended for this side; its listener is told now. */
  readonly end: () => void
  /** The same, told by a task of its own. */
  readonly endSoon: () => void
  readonly ended: () => boolean
}

/** Makes an end. `onSend` and `onOwnClose` are called for what its owner does while the connection stands. */
export const makeVirtualEnd = (
  timers: TimersShape,
  onSend: (chunk: string) => void,
  onOwnClose: () => void,
): VirtualEnd => {
  const early: Array<string> = []
  let chunkListener: ((chunk: string) => void) | undefined
  let closeListener: (() => void) | undefined
  let ended = false
  let told = false

  const tell = (): void => {
    told = true
    closeListener?.()
  }
  const endSoon = (): void => {
    if (ended) return
    ended = true
    timers.after(0, tell)
  }

  return {
    socket: {
      send: (chunk) => {
        if (!ended && chunk.length > 0) onSend(chunk)
      },
      close: () => {
        if (ended) return
        endSoon()
        onOwnClose()
      },
      onChunk: (listener) => {
        chunkListener = listener
        for (const chunk of early.splice(0)) listener(chunk)
      },
      onClose: (listener) => {
        if (told) listener()
        else closeListener = listener
      },
    },
    deliver: (chunk) => {
      if (ended) return
      if (chunkListener === undefined) early.push(chunk)
      else chunkListener(chunk)
    },
    end: () => {
      if (ended) return
      ended = true
      tell()
    },
    endSoon,
    ended: () => ended,
  }
}
