import type { ChildPlan } from "../harness/children/messages.ts"
import { serve, type ServeOptions } from "../harness/children/serve.ts"
import type { CampaignArgs } from "../scenarios/campaign/news.ts"

const loadProvider: ServeOptions["loadProvider"] = async (key, bundles) => {
  const provider = await (await import("../providers/registry.ts")).loadProvider(key, bundles)
  if (provider === undefined) throw new Error(`there is no provider "${key}"`)
  return provider
}

const jobs: ServeOptions["jobs"] = {
  campaign: async ({ args, ...input }) =>
    (await import("../scenarios/campaign/run-campaign.ts")).runCampaign({ ...input, args: args as CampaignArgs }),
}

/** The suites are large: only what runs checks loads them. */
const whatRunsChecks = async ({ mode }: ChildPlan) => {
  if (mode === "job") return { checks: [], deviations: [], runProvider: () => Promise.reject(new Error("never asked")) }
  const [{ runProvider }, { deviations }, { checks }, { planCheck }] = await Promise.all([
    import("../harness/runner.ts"),
    import("../providers/deviations/deviations.ts"),
    import("../suites/index.ts"),
    import("../workloads/plan-check.ts"),
  ])
  return { checks, checkOf: planCheck, deviations, runProvider }
}

/* The process in which one provider runs: forked by the command, ended with it. */
serve(async (plan) => ({ ...(await whatRunsChecks(plan)), jobs, loadProvider }))
