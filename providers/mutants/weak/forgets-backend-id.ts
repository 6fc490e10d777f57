import { makeMock } from "../../mock/provider.ts"
import { mixesIn } from "../other-identity.ts"

/** The backendId is drawn when the process starts and kept in its memory: after a restart the same log has another. */
export const weakForgetsBackendId = makeMock({
  key: "weak-forgets-backend-id",
  title: "the mock, with a backendId that lives in the process's memory",
  seams: () => mixesIn(/start \d+/)(() => {}),
})
