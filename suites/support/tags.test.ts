import { describe, expect, it } from "vitest"
import { refusalTags, typedErrorsOnly } from "./tags.ts"

describe("refusalTags", () => {
  it("leaves tags alone where all errors of the contract exist", () => {
    expect(refusalTags({ errors: "full" }, ["ServerAhead", "InvalidPush"])).toEqual(["ServerAhead", "InvalidPush"])
  })

  it("lets an unknown error stand in once for what LiveStore's errors cannot say", () => {
    expect(refusalTags({ errors: "livestore" }, ["ServerAhead", "InvalidPush", "PushRejected"])).toEqual([
      "ServerAhead",
      "UnknownError",
    ])
  })

  it("lets nothing stand in for what LiveStore's errors can say", () => {
    expect(refusalTags({ errors: "livestore" }, ["ServerAhead"])).toEqual(["ServerAhead"])
    expect(refusalTags({ errors: "livestore" }, ["BackendIdMismatch", "IsOffline"])).toEqual([
      "BackendIdMismatch",
      "IsOffline",
    ])
  })
})

describe("typedErrorsOnly", () => {
  it("gives a reason with LiveStore's errors alone", () => {
    expect(typedErrorsOnly({ errors: "full" })).toBeUndefined()
    expect(typedErrorsOnly({ errors: "livestore" })).toContain("LiveStore")
  })
})
