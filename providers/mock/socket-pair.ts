import type { TimersShape } from "../../chaos/timers.ts"
import type { VirtualSocket } from "../../contract/provider.ts"

/** One direction and its end, in order: what is sent arrives one turn later, the close behind it. */
class Lane {
  private readonly timers: TimersShape
  private readonly waiting: Array<string> = []
  private onChunk: ((chunk: string) => void) | undefined
  private onClose: (() => void) | undefined
  private closing = false
  private scheduled = false

  constructor(timers: TimersShape) {
    this.timers = timers
  }

  send(chunk: string): void {
    if (this.closing) return
    this.waiting.push(chunk)
    this.schedule()
  }

  close(): void {
    this.closing = true
    this.schedule()
  }

  listen(onChunk: (chunk: string) => void): void {
    this.onChunk = onChunk
    this.schedule()
  }

  listenClose(onClose: () => void): void {
    this.onClose = onClose
    this.schedule()
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    this.timers.after(0, () => this.deliver())
  }

  private deliver(): void {
    this.scheduled = false
    if (this.onChunk !== undefined) for (const chunk of this.waiting.splice(0)) this.onChunk(chunk)
    if (!this.closing || this.onClose === undefined) return
    const tell = this.onClose
    this.onClose = undefined
    tell()
  }
}

const end = (out: Lane, back: Lane): VirtualSocket => ({
  send: (chunk) => out.send(chunk),
  close: () => {
    out.close()
    back.close()
  },
  onChunk: (listener) => back.listen(listener),
  onClose: (listener) => back.listenClose(listener),
})

/** Two ends of a virtual connection without a link in between: for a client that is opened without one. */
export const socketPair = (timers: TimersShape): readonly [VirtualSocket, VirtualSocket] => {
  const [there, back] = [new Lane(timers), new Lane(timers)]
  return [end(there, back), end(back, there)]
}
