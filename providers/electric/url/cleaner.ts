import { outlived } from "../outlive.ts"
import { cleanDatabase, cleanedDatabaseVariable } from "./lease.ts"

/* Outlives a run on somebody's database and removes its tables when that run was killed. */

/** How often it tries: the killed run's own locks go when Postgres notices that its connections are gone. */
const tries = 10
const betweenMs = 500

const databaseUrl = process.env[cleanedDatabaseVariable] ?? ""
if ((await outlived()) && databaseUrl !== "") {
  for (let left = tries; left > 0; left--) {
    await cleanDatabase(databaseUrl).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, betweenMs))
  }
}
