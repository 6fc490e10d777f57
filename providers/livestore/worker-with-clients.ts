export { ClientDO } from "./client-object.ts"
export { default, SyncBackendD1, SyncBackendDO } from "./worker.ts"
