import type { AddressInfo } from "node:net"
import { testApplication } from "../../electric/push-api/application.ts"
import { connectDatabase } from "../../electric/push-api/database.ts"
import { harnessPaths } from "../../electric/push-api/harness-paths.ts"
import { storageFaults } from "../../electric/push-api/storage-faults.ts"
import { makeEndpoint } from "./server.ts"

/*
 * The endpoint as a program. Its environment: DATABASE_URL, ELECTRIC_URL, ELECTRIC_SECRET; under the harness also
 * HARNESS_TOKEN and REVOKED. It prints its port once it listens, and ends in order on SIGTERM.
 */

/** How long requests that are under way are waited for at an orderly end, in milliseconds. */
const farewellMs = 300

const { DATABASE_URL = "", ELECTRIC_URL = "", ELECTRIC_SECRET } = process.env
const { HARNESS_TOKEN, REVOKED = "[]" } = process.env

const application = testApplication(JSON.parse(REVOKED) as ReadonlyArray<string>)
const faults = storageFaults()
const { server, livePulls } = makeEndpoint({
  sql: connectDatabase(DATABASE_URL),
  electric: { url: ELECTRIC_URL, secret: ELECTRIC_SECRET },
  application,
  faults,
  others: (path, request, response) =>
    HARNESS_TOKEN !== undefined &&
    harnessPaths({
      token: HARNESS_TOKEN,
      application,
      faults,
      api: {
        gauges: (key) => ({ subscriptions: livePulls(key) }),
        // As documented, a payload is judged at a request and not while it is held.
        endRevoked: () => undefined,
        endAll: () => server.closeAllConnections(),
      },
      fired: () => 0,
    })(path, request, response),
})

process.on("SIGTERM", () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
  setTimeout(() => process.exit(0), farewellMs)
})

server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }))
})
