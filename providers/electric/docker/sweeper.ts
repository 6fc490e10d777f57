import { outlived } from "../outlive.ts"
import { findEngine } from "./engine.ts"
import { sweepRun } from "./sweep.ts"

/* Outlives a run and removes what carries its label: SYNC_GAUNTLET_RUN. */

const runId = process.env["SYNC_GAUNTLET_RUN"] ?? ""
if ((await outlived()) && runId !== "") await sweepRun(await findEngine(), runId)
