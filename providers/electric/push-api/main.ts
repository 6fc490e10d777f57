import type { AddressInfo } from "node:net"
import { testApplication } from "./application.ts"
import { connectDatabase, createSchema } from "./database.ts"
import { harnessPaths } from "./harness-paths.ts"
import { logIn } from "./log.ts"
import { plantedSeams } from "./mutants.ts"
import { makePushApi } from "./server.ts"
import { shapeProxy } from "./shape-proxy.ts"
import { storageFaults } from "./storage-faults.ts"

/*
 * The push API as a program: node push-api/main.ts. Its environment: DATABASE_URL, ELECTRIC_URL, ELECTRIC_SECRET where
 * Electric has one, PUSH_API_PORT (default: any). Under the harness also HARNESS_TOKEN, REVOKED and MUTANT. It prints
 * its port once it listens, and ends in order on SIGTERM.
 */

/** How long requests that are under way are waited for at an orderly end, in milliseconds. */
const farewellMs = 300

const { DATABASE_URL = "", ELECTRIC_URL = "", ELECTRIC_SECRET, PUSH_API_PORT = "0" } = process.env
const { HARNESS_TOKEN, REVOKED = "[]", MUTANT = "" } = process.env

const sql = connectDatabase(DATABASE_URL)
const application = testApplication(JSON.parse(REVOKED) as ReadonlyArray<string>)
const faults = storageFaults()
const { seams, fired } = plantedSeams(MUTANT)
const api = makePushApi({
  log: logIn(sql, faults, seams),
  application,
  shape: shapeProxy({ url: ELECTRIC_URL, secret: ELECTRIC_SECRET }, seams),
  seams,
  others: (path, request, response) =>
    HARNESS_TOKEN !== undefined &&
    harnessPaths({ token: HARNESS_TOKEN, application, faults, api, fired })(path, request, response),
})

const end = (): void => {
  api.server.close(() => process.exit(0))
  api.server.closeIdleConnections()
  setTimeout(() => process.exit(0), farewellMs)
}
process.on("SIGTERM", end)

// A database that is not there yet is met by the first request.
await createSchema(sql).catch(() => undefined)
api.server.listen(Number(PUSH_API_PORT), "127.0.0.1", () => {
  console.log(JSON.stringify({ port: (api.server.address() as AddressInfo).port }))
})
