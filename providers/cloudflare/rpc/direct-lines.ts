import type { VirtualSocket } from "../../../contract/provider.ts"
import { makeVirtualEnd, type VirtualEnd } from "../../../chaos/links/virtual-end.ts"
import type { DialLines } from "./rpc-socket.ts"
import { objectTimers } from "./object-timers.ts"

/** Both ends of a line that nothing stands in: what one side sends the other has in the same turn. */
export const directLines: DialLines = (accept) => {
  const near: VirtualEnd = makeVirtualEnd(
    objectTimers,
    (chunk) => far.deliver(chunk),
    () => far.endSoon(),
  )
  const far: VirtualEnd = makeVirtualEnd(
    objectTimers,
    (chunk) => near.deliver(chunk),
    () => near.endSoon(),
  )
  const socket: VirtualSocket = near.socket
  return accept(far.socket) ? socket : undefined
}
