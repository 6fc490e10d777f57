import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { judged, passes, runAtUrl } from "./fixtures/run-at-url.ts"
import { startWranglerDev } from "./fixtures/wrangler-dev.ts"
import { startWrangler, wranglerConfiguration } from "./fixtures/wrangler.ts"

describe("cf-url, for a Worker under wrangler dev", () => {
  const run = runAtUrl()

  /** Without faults, on a link, on storage, of the application, of several stores. */
  const some = [
    ...["live/others#pusher-gone", "live/after-drop#again", "pull/transient-is-offline#storage"],
    ...["payload/expires#overlap", "store/many-on-one-client#after-drop"],
  ]
  const somePass = Object.fromEntries(some.map((id) => [id, "pass"]))

  it("judges one under wrangler dev, whichever way clients come", async () => {
    const token = randomUUID()
    const dev = await startWranglerDev(token)
    try {
      const ended = await run(dev.url, token)
      expect(judged(ended.out)).toMatchObject(passes)
      expect(ended.code).toBe(0)
      for (const form of ["cf-http-do", "cf-do-rpc-do"]) {
        expect(judged((await run(dev.url, token, form, some)).out), form).toEqual(somePass)
      }
      const other = await run(dev.url, token, "cf-ws-d1")
      expect(other.err).toContain("is no cf-ws-d1: set GAUNTLET_CF_FORM to cf-ws-do, cf-http-do, cf-do-rpc-do")
      const refused = await run(dev.url, "another")
      expect(refused.code).toBe(2)
      expect(refused.err).toContain("does not take GAUNTLET_CF_TOKEN")
    } finally {
      await dev.stop()
    }
  })

  it("judges one under wrangler dev that keeps its logs in D1, whichever way clients come", async () => {
    const token = randomUUID()
    const dev = await startWranglerDev(token, "d1")
    try {
      for (const form of ["cf-ws-d1", "cf-http-d1", "cf-do-rpc-d1"]) {
        expect(judged((await run(dev.url, token, form, some)).out), form).toEqual(somePass)
      }
    } finally {
      await dev.stop()
    }
  })
})

describe("the reference Worker's configuration", () => {
  /** What a deployment would do, as wrangler tells it without doing it. */
  const dryRun = async (environmentName: string | undefined) => {
    const { child, ended, remove } = startWrangler("deploy", environmentName, (directory) => [
      ...["--dry-run", "--outdir", join(directory, "out")],
    ])
    let said = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)))
    const code = await ended
    remove()
    return { code, said }
  }

  const { env } = wranglerConfiguration

  it.each([undefined, ...Object.keys(env)])("can be deployed in environment %s", async (environmentName) => {
    const { code, said } = await dryRun(environmentName)
    expect(code, said).toBe(0)
    for (const binding of ["env.STORE (StoreObject)", "env.CLIENT (ClientObject)", "env.VERSION"]) {
      expect(said).toContain(binding)
    }
    expect(said.includes("env.LOGS"), said).toBe(env[environmentName ?? ""]?.d1_databases !== undefined)
  })
})
