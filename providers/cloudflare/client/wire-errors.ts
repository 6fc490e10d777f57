import { IsOffline, UnknownError, type PullError, type PushError, type SyncError } from "../../../contract/errors.ts"
import type { WireError } from "../wire.ts"

/** A refusal as an error of the contract: storage that is out is a backend that cannot be reached. */
const contractError = (error: WireError): SyncError => {
  if (error._tag === "Unavailable") return new IsOffline({ message: error.message })
  if (error._tag === "UnsupportedVersion") {
    return new UnknownError({ message: `the backend speaks version ${error.supported} of the protocol` })
  }
  return error
}

/** What a refused pull fails with. */
export const pullError = (refusal: WireError): PullError => {
  const error = contractError(refusal)
  switch (error._tag) {
    case "ServerAhead":
    case "InvalidPush":
    case "PushRejected":
      return new UnknownError({ message: `a pull was refused with ${error._tag}` })
    default:
      return error
  }
}

/** What a refused push fails with. */
export const pushError = (refusal: WireError): PushError => {
  const error = contractError(refusal)
  return error._tag === "CursorAhead" ? new UnknownError({ message: "a push was refused with CursorAhead" }) : error
}
