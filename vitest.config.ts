import { defineConfig } from "vitest/config"

/** Tests that run beside a provider's suites, in its project. */
const companions: Readonly<Record<string, string>> = {
  mock: "suites/vitest/determinism.test.ts",
  "cf-ws-do": "suites/vitest/cloudflare-mutants.test.ts",
}

/** Providers that have a vitest project of their own; each runs the suites through the same runner as the command line. */
const providers = ["mock", "cf-ws-do", "livestore-cf-ws-do"]

const excluded = ["**/node_modules/**", "reports/out/**"]

export default defineConfig({
  test: {
    maxWorkers: 2,
    silent: "passed-only",
    projects: [
      {
        test: {
          name: "harness",
          include: ["**/*.test.ts"],
          exclude: [...excluded, "suites/vitest/**"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      // One provider after the other, each alone on the machine: their verdicts on time are worth nothing beside other work.
      ...providers.map((provider, index) => ({
        test: {
          name: provider,
          sequence: { groupOrder: index + 1 },
          include: ["suites/vitest/provider.test.ts", companions[provider] ?? []].flat(),
          // One file at a time: a suite that is judged on time wants the machine for itself.
          fileParallelism: provider === "mock",
          exclude: excluded,
          env: { GAUNTLET_PROVIDER: provider },
          testTimeout: 600_000,
          hookTimeout: 120_000,
          maxConcurrency: 200,
        },
      })),
    ],
  },
})
