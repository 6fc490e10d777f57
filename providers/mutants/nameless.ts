import { UnknownError } from "../../contract/errors.ts"
import { reference } from "../mock/seams.ts"

/** An error that loses its name on the way to the caller: the seam `client.mapError`. */
export const nameless =
  (tag: string, fire: () => void): typeof reference.client.mapError =>
  (error, operation) => {
    if (error.tag !== tag) return reference.client.mapError(error, operation)
    fire()
    return new UnknownError({ message: `the backend said ${tag}` })
  }
