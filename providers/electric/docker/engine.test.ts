import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"

const program = `
  const { findEngine } = await import(${JSON.stringify(new URL("engine.ts", import.meta.url).href)})
  console.log(await findEngine().then(() => "found", (error) => error.message))`

// In a process of its own: the library asks the environment once.
describe("the engine", () => {
  it("is the one that DOCKER_HOST names and no other; where that is silent one line says so", async () => {
    const env = { ...process.env, DOCKER_HOST: "unix:///nowhere/docker.sock" }
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { env })
    expect(stdout).toBe(
      "no container engine answers at unix:///nowhere/docker.sock: start one, or set DOCKER_HOST to one that runs\n",
    )
  })
})
