import { mkdirSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { readConfiguration } from "./configuration.ts"
import { makeHttpServer } from "./http-server.ts"
import { connect } from "./session.ts"
import { makeShapes } from "./shapes.ts"
import { openStorage } from "./storage.ts"
import { keepUpstream } from "./upstream.ts"

/*
 * The shape server: serves Electric's HTTP protocol, as far as docs/electric-shape-server.md says, from a Postgres with
 * logical replication. It is configured by the same variables as Electric.
 */

const log = (line: string): void => void process.stdout.write(`${line}\n`)

const start = (): void => {
  const configuration = readConfiguration(process.env)
  mkdirSync(configuration.storageDirectory, { recursive: true })
  const storage = openStorage(configuration.storageDirectory)
  const sql = connect(configuration.databaseUrl, { max: 10, idleMs: 30_000 })
  const { limits, publication } = configuration
  const shapes = makeShapes({ sql, storage, publication, limits })
  const upstream = keepUpstream(configuration, shapes, storage, log, fail)
  const http = makeHttpServer(configuration, { shapes, limits, lastLsn: upstream.lastLsn }, upstream, log)

  let isChecking = false
  const check = setInterval(() => {
    if (isChecking) return
    isChecking = true
    shapes
      .checkRelations()
      .catch((error: unknown) => log(`tables could not be looked at: ${String(error)}`))
      .finally(() => {
        isChecking = false
      })
  }, limits.relationCheckMs)
  const stop = async (): Promise<void> => {
    clearInterval(check)
    http.close()
    http.closeAllConnections()
    await Promise.all([upstream.stop(), sql.end(0)]).catch(() => undefined)
    storage.close()
    process.exit(0)
  }
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop())
  http.on("error", fail)
  http.listen(configuration.port, () => log(`listening on port ${(http.address() as AddressInfo).port}`))
}

const fail = (error: unknown): void => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}

// A connection to the database may break once more after its end was dealt with.
process.on("uncaughtException", (error: Error & { readonly code?: string }) => {
  const isBroken = ["ECONNRESET", "EPIPE", "ECONNREFUSED"].includes(error.code ?? "")
  if (!isBroken && !error.message.startsWith("Connection terminated")) fail(error)
  log(`a connection broke: ${error.message}`)
})
try {
  start()
} catch (error) {
  fail(error)
}
