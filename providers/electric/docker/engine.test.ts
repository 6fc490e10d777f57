import { afterEach, describe, expect, it, vi } from "vitest"
import { findEngine } from "./engine.ts"

afterEach(() => vi.unstubAllEnvs())

// A file of its own: the library asks the environment once in a process.
describe("the engine", () => {
  it("is the one that DOCKER_HOST names and no other; where that is silent one line says so", async () => {
    vi.stubEnv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    await expect(findEngine()).rejects.toThrow(
      /^no container engine answers at unix:\/\/\/nowhere\/docker\.sock: start one, or set DOCKER_HOST to one that runs$/,
    )
  })
})
