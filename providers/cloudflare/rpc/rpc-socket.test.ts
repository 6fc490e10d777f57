import { describe, expect, it } from "vitest"
import type { FrameSocket } from "../client/socket-link.ts"
import { decodeBackendFrame, encodeFrame } from "../wire.ts"
import { directLines } from "./direct-lines.ts"
import { rpcSockets, type RpcSocket } from "./rpc-socket.ts"

const poke = (head: number) => encodeFrame({ t: "poke", backendId: "b", head })

/** One socket over a registration: what it heard, in order, and what the store's object would use of it. */
const open = (resumed: { readonly backendId: string; readonly head: number } | undefined) => {
  const heard: Array<string> = []
  let rpc: RpcSocket | undefined
  const sockets = rpcSockets({
    dial: directLines,
    route: () => ({
      resumed,
      frame: async () => ({
        frames: [encodeFrame({ t: "welcome", version: 1, backendId: "b", head: 5 })],
        closed: false,
      }),
      end: () => undefined,
    }),
    onSocket: (next) => (rpc = next),
    lostAfterMs: 50,
  })
  const socket: FrameSocket = sockets("", {
    onOpen: () => socket.send(`{"t":"hello"}`),
    onFrame: (frame) => void heard.push(decodeBackendFrame(frame ?? "")?.message.t ?? "none"),
    onRefused: () => void heard.push("refused"),
    onClosed: () => void heard.push("closed"),
  })
  return { heard, rpc: () => rpc!, socket }
}

describe("A socket over calls", () => {
  it("hands news that woke its object over behind the welcome that it gives itself", async () => {
    const { heard, rpc, socket } = open({ backendId: "b", head: 4 })
    // The call that brings the news comes in the turn in which the client begins anew.
    expect(await rpc().deliver([poke(6)], false)).toBe(true)
    expect(heard).toEqual(["welcome", "poke"])
    socket.terminate()
  })

  it("leaves no news waiting when it ends before it was welcomed", async () => {
    const { heard, rpc, socket } = open({ backendId: "b", head: 4 })
    const delivering = rpc().deliver([poke(6)], false)
    socket.terminate()
    expect(await delivering).toBe(false)
    expect(heard).toEqual([])
  })

  it("greets the store's object when it has no registration from before", async () => {
    const { heard, rpc, socket } = open(undefined)
    await expect.poll(() => heard).toEqual(["welcome"])
    expect(await rpc().deliver([poke(6)], false)).toBe(true)
    expect(heard).toEqual(["welcome", "poke"])
    socket.terminate()
  })
})
