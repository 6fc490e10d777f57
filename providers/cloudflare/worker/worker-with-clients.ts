import worker from "./worker.ts"

export { ClientObject } from "./client-object.ts"
export { StoreObject } from "./store-object.ts"

/** The Worker of the stores with the client objects in it. */
export default worker
