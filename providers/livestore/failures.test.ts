import { BackendIdMismatchError, IsOfflineError, ServerAheadError, UnknownError } from "@livestore/common"
import { EventSequenceNumber } from "@livestore/common/schema"
import { Cause, FiberId } from "effect"
import { describe, expect, it } from "vitest"
import { shortMessage, translateCause, translateError } from "./failures.ts"

describe("LiveStore's errors under the contract's names", () => {
  it("keep the head and the parent, which its Cloudflare provider puts into other names", () => {
    const error = new ServerAheadError({
      minimumExpectedNum: EventSequenceNumber.Global.make(7),
      providedNum: EventSequenceNumber.Global.make(3),
    })
    expect(translateError(error)).toEqual({ _tag: "ServerAhead", head: 7, providedParent: 3 })
  })

  it("keep both backendIds", () => {
    expect(translateError(new BackendIdMismatchError({ expected: "a", received: "b" }))).toEqual({
      _tag: "BackendIdMismatch",
      expected: "a",
      received: "b",
    })
  })

  it("are offline or unknown with one line about the cause", () => {
    expect(translateError(new IsOfflineError({ cause: new Error("socket closed") }))).toEqual({
      _tag: "IsOffline",
      message: "IsOfflineError: socket closed",
    })
    expect(translateError(new UnknownError({ cause: new Error("no such table\nat line 2") }))).toEqual({
      _tag: "UnknownError",
      message: "UnknownError: no such table",
    })
    expect(translateError("a string")).toEqual({ _tag: "UnknownError", message: "a string" })
  })
})

describe("the end of an effect", () => {
  it("is a defect when it died, and its failure when it also failed", () => {
    expect(translateCause(Cause.die(new Error("boom")))).toEqual({ _tag: "Defect", message: "boom" })
    const both = Cause.parallel(Cause.die("boom"), Cause.fail(new IsOfflineError({ cause: "gone" })))
    expect(translateCause(both)).toEqual({ _tag: "IsOffline", message: "IsOfflineError: gone" })
  })

  it("is an unknown error when it was interrupted from within", () => {
    expect(translateCause(Cause.interrupt(FiberId.none))._tag).toBe("UnknownError")
  })
})

describe("a short message", () => {
  it("is one line of bounded length, whatever the causes hold", () => {
    const nested = new Error("outer (cause: a dump)", { cause: new Error("inner", { cause: "x".repeat(1_000) }) })
    expect(shortMessage(nested)).toMatch(/^outer: inner: x+…$/)
    expect(shortMessage(nested).length).toBe(300)
    expect(shortMessage(undefined)).toBe("no message")
  })
})
