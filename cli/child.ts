import { serve } from "../harness/children/serve.ts"
import type { CampaignArgs } from "../scenarios/campaign/news.ts"

/* The process in which one provider runs: forked by the command, ended with it. */
serve(async () => {
  const [{ runProvider }, { deviations }, registry, { checks }, { planCheck }] = await Promise.all([
    import("../harness/runner.ts"),
    import("../providers/deviations.ts"),
    import("../providers/registry.ts"),
    import("../suites/index.ts"),
    import("../workloads/plan-check.ts"),
  ])
  return {
    checks,
    checkOf: planCheck,
    deviations,
    runProvider,
    jobs: {
      campaign: async ({ args, ...input }) =>
        (await import("../scenarios/campaign/run-campaign.ts")).runCampaign({ ...input, args: args as CampaignArgs }),
    },
    loadProvider: async (key) => {
      const provider = await registry.loadProvider(key)
      if (provider === undefined) throw new Error(`there is no provider "${key}"`)
      return provider
    },
  }
})
