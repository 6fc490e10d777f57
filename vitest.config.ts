import { defineConfig } from "vitest/config"

/** A project of its own for each provider, and one for the planted bugs of the Worker. */
interface ProviderProject {
  readonly provider: string
  readonly name?: string
  readonly include: ReadonlyArray<string>
  /**
   * One turn after the other. What runs in real time has the machine to itself: beside other work its verdicts on time
   * are worth nothing.
   */
  readonly turn: 1 | 2 | 3 | 4 | 5
}

const suites = "suites/vitest/provider.test.ts"
/** Runs against Workers that run elsewhere, in real time. */
const elsewhere = "cli/cf-url.test.ts"

const providers: ReadonlyArray<ProviderProject> = [
  {
    provider: "mock",
    include: [suites, "suites/vitest/determinism.test.ts", "suites/properties/model.test.ts"],
    turn: 1,
  },
  { provider: "cf-ws-do", include: [suites, "suites/properties/model-real.test.ts"], turn: 2 },
  { provider: "livestore-cf-ws-do", include: [suites], turn: 3 },
  {
    provider: "cf-ws-do",
    name: "cf-ws-do-mutants",
    include: ["suites/vitest/cloudflare-mutants.test.ts"],
    turn: 4,
  },
  { provider: "cf-url", include: [elsewhere], turn: 5 },
]

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
          exclude: [...excluded, "suites/vitest/**", "suites/properties/**", elsewhere],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      ...providers.map(({ provider, name = provider, include, turn }) => ({
        test: {
          name,
          sequence: { groupOrder: turn },
          include: [...include],
          maxWorkers: turn === 1 ? 3 : 1,
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
