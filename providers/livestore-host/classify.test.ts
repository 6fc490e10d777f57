import { describe, expect, it } from "vitest"
import type { FrameClass } from "../../contract/frame.ts"
import { newLiveTraceId } from "../livestore/live-trace.ts"
import { classifyRpc } from "./classify.ts"

// Recorded between @livestore/sync-cf 0.4.0's client and its worker; trace ids shortened.
const ping = '{"_tag":"Ping"}'
const pong = '{"_tag":"Pong"}'
const pushRequest =
  '{"_tag":"Request","id":"1","tag":"SyncWsRpc.Push","payload":{"storeId":"s1","batch":[{"name":"x","args":{"n":2},"seqNum":2,"parentSeqNum":1,"clientId":"a","sessionId":"s"}],"backendId":{"_tag":"None"}},"traceId":"77","spanId":"c2","sampled":true,"headers":[]}'
const pushAnswer = '{"_tag":"Exit","requestId":"1","exit":{"_tag":"Success","value":{}}}'
const pushRefused =
  '{"_tag":"Exit","requestId":"1","exit":{"_tag":"Failure","cause":{"_tag":"Fail","error":{"minimumExpectedNum":3,"providedNum":1,"_tag":"ServerAheadError"}}}}'
const liveRequest =
  '{"_tag":"Request","id":"2","tag":"SyncWsRpc.Pull","traceId":"6d","payload":{"storeId":"s1","live":true,"cursor":{"_tag":"None"}},"spanId":"a9","sampled":true,"headers":[]}'
const livePage =
  '{"_tag":"Chunk","requestId":"2","values":[{"batch":[],"pageInfo":{"_tag":"NoMore"},"backendId":"R39pMGgoLqz6CsOGfSc4U"}]}'
const liveAck = '{"_tag":"Ack","requestId":"2"}'
const liveInterrupt = '{"_tag":"Interrupt","requestId":"2"}'
const pullRequest =
  '{"_tag":"Request","id":"4","tag":"SyncWsRpc.Pull","traceId":"5b","payload":{"storeId":"s1","live":false,"cursor":{"_tag":"Some","value":{"backendId":"R39pMGgoLqz6CsOGfSc4U","eventSequenceNumber":1}}},"spanId":"f5","sampled":true,"headers":[]}'
const pullEnd = '{"_tag":"Exit","requestId":"4","exit":{"_tag":"Success"}}'

// Bodies of its HTTP exchanges; the trace of a live pull says what it is.
const httpPull = (id: string, traceId: string) =>
  `{"_tag":"Request","id":"${id}","tag":"SyncHttpRpc.Pull","traceId":"${traceId}","payload":{"storeId":"s1","cursor":{"_tag":"None"}}}`
const httpPage = (id: string) =>
  `[{"_tag":"Chunk","requestId":"${id}","values":[]},{"_tag":"Exit","requestId":"${id}","exit":{"_tag":"Success"}}]`

const classes = (...frames: ReadonlyArray<["up" | "down", string | Uint8Array]>): ReadonlyArray<FrameClass> => {
  const classify = classifyRpc()
  return frames.map(([direction, data]) => classify({ direction, data }))
}

describe("the classifier of LiveStore's frames", () => {
  it("joins the answers of a push with its request", () => {
    expect(classes(["up", pushRequest], ["down", pushAnswer], ["down", pushRefused])).toEqual([
      { operation: "push", role: "request", id: "1" },
      { operation: "push", role: "answer", id: "1" },
      { operation: "push", role: "answer", id: "1" },
    ])
  })

  it("tells a live pull from another, with all that belongs to it", () => {
    expect(
      classes(
        ["up", liveRequest],
        ["down", livePage],
        ["up", liveAck],
        ["up", pullRequest],
        ["down", pullEnd],
        ["up", liveInterrupt],
      ),
    ).toEqual([
      { operation: "live", role: "request", id: "2" },
      { operation: "live", role: "page", id: "2" },
      { operation: "live", role: "ack", id: "2" },
      { operation: "pull", role: "request", id: "4" },
      { operation: "pull", role: "answer", id: "4" },
      { operation: "live", role: "cancel", id: "2" },
    ])
  })

  it("knows the heartbeat", () => {
    expect(classes(["up", ping], ["down", pong])).toEqual([
      { operation: "ping", role: "request" },
      { operation: "ping", role: "answer" },
    ])
  })

  it("tells the polls of a live pull over HTTP from a pull by their trace", () => {
    expect(
      classes(
        ["up", httpPull("7", newLiveTraceId())],
        ["down", httpPage("7")],
        ["up", httpPull("8", "6d5bfe11fe1143c6a2c1c4a5f9d0e8b7")],
        ["down", httpPage("8")],
        ["up", '{"_tag":"Request","id":"9","tag":"SyncHttpRpc.Ping","payload":{"storeId":"s1"}}'],
      ),
    ).toEqual([
      { operation: "live", role: "request", id: "7" },
      { operation: "live", role: "page", id: "7" },
      { operation: "pull", role: "request", id: "8" },
      { operation: "pull", role: "page", id: "8" },
      { operation: "ping", role: "request", id: "9" },
    ])
  })

  it("reads bytes like text", () => {
    expect(classes(["up", new TextEncoder().encode(ping)])).toEqual([{ operation: "ping", role: "request" }])
  })

  it("classifies a frame of several messages by the most telling one and remembers all", () => {
    const several = `[${liveAck},${pushRequest},${pullRequest}]`
    expect(classes(["up", several], ["down", pullEnd])).toEqual([
      { operation: "push", role: "request", id: "1" },
      { operation: "pull", role: "answer", id: "4" },
    ])
    expect(classes(["down", `${pong}\n${livePage}\n`])).toEqual([{ operation: "other", role: "page", id: "2" }])
  })

  it("calls a request of another connection, a defect and what is no message other", () => {
    expect(
      classes(
        ["down", livePage],
        ["down", '{"_tag":"Defect","defect":"x"}'],
        ["down", "<html>"],
        ["down", "null"],
        ["down", '"Ping"'],
      ),
    ).toEqual([
      { operation: "other", role: "page", id: "2" },
      { operation: "other", role: "answer" },
      { operation: "other", role: "other" },
      { operation: "other", role: "other" },
      { operation: "other", role: "other" },
    ])
  })
})
