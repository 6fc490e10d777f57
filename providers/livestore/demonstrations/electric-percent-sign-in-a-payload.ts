import { demonstrateElectric } from "./electric-lab.ts"

// Any JSON may be a payload (payload/any-json), and any text a store's name. What a pull sends is escaped once and
// unescaped twice: by URLSearchParams, and again by the schema of makeElectricUrl.
await demonstrateElectric("Payloads and names with a percent sign", async ({ open, outcome, pulled }) => {
  const ends = [
    await outcome("payload 100%", pulled(await open("one", { payload: "100%" })), 5_000),
    await outcome("store 100%", pulled(await open("100%")), 5_000),
  ]
  return ends.every((end) => end.includes("makeElectricUrl"))
})
