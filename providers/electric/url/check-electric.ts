import { electricSecretVariable, electricUrlVariable } from "./variables.ts"

/** How long Electric may take to answer, in milliseconds. */
const patienceMs = 10_000

/** Why a run cannot use this Electric, in one line; undefined when it can. */
export const checkElectric = async (electricUrl: string, secret: string | undefined): Promise<string | undefined> => {
  const ask = (path: string) => fetch(new URL(path, electricUrl), { signal: AbortSignal.timeout(patienceMs) })
  try {
    const health = await ask("/v1/health")
    const said = (await health.text()).slice(0, 200)
    if (health.status !== 200 && health.status !== 202) {
      return `${electricUrl} answers /v1/health with HTTP ${health.status}: correct ${electricUrlVariable}`
    }
    if (health.status === 202) return `Electric at ${electricUrl} is not ready: ${said}`
    // Without a table it is a bad request; whose secret is wrong does not get so far.
    const refused = await ask(shapePath(secret))
    await refused.body?.cancel()
    if (refused.status !== 401) return undefined
    return secret === undefined
      ? `Electric at ${electricUrl} wants a secret: set ${electricSecretVariable}`
      : `Electric at ${electricUrl} refuses the secret: correct ${electricSecretVariable}`
  } catch {
    return `nothing answers at ${electricUrl}: start Electric, or correct ${electricUrlVariable}`
  }
}

/** Whether Electric deletes shapes when it is asked to; of a shape that it has not it says so only then. */
export const deletesShapes = async (electricUrl: string, secret: string | undefined): Promise<boolean> => {
  const url = new URL(shapePath(secret), electricUrl)
  url.searchParams.set("handle", "1-2")
  const answer = await fetch(url, { method: "DELETE", signal: AbortSignal.timeout(patienceMs) })
  await answer.body?.cancel()
  return answer.status !== 405
}

const shapePath = (secret: string | undefined): string =>
  secret === undefined ? "/v1/shape" : `/v1/shape?secret=${encodeURIComponent(secret)}`
