import { Effect, Layer } from "effect"
import { available, ProviderHost, type Availability, type Provider } from "../../contract/provider.ts"
import { capabilitiesOf } from "./capabilities.ts"
import { formOf, keyOf, type CloudflareForm } from "./form.ts"
import type { AboutWorker } from "./worker/worker.ts"
import { formVariable, readWorkerUrl, tokenVariable, urlVariable } from "./url.ts"

const usual: CloudflareForm = { transport: "ws", storage: "do" }

/** The form that the environment names; another than this cannot be reached from outside. */
const namedForm = (): CloudflareForm => formOf(process.env[formVariable] ?? "") ?? usual

const missing = (what: string): Availability => ({ _tag: "Unavailable", missing: what })

const whatIsMissing = async (): Promise<Availability> => {
  const { [urlVariable]: url, [tokenVariable]: token } = process.env
  if (url === undefined) return missing(`set ${urlVariable} to the URL of a running reference Worker`)
  const address = readWorkerUrl(url)
  if (typeof address === "string") return missing(address)
  if (token === undefined) {
    return missing(`set ${tokenVariable} to the HARNESS_TOKEN that the Worker was given`)
  }
  const form = process.env[formVariable]
  if (form !== undefined && formOf(form) === undefined) {
    return missing(`${formVariable}=${form} is no form: take ${keyOf(usual)} or another cf-… key`)
  }
  return asked(url, token)
}

const patienceMs = 10_000

/** Whether a reference Worker answers there and takes the token. */
const asked = async (url: string, token: string): Promise<Availability> => {
  try {
    const answer = await fetch(new URL("/__harness/about", url), {
      headers: { "x-harness-token": token },
      signal: AbortSignal.timeout(patienceMs),
    })
    if (answer.ok) return takesForm((await answer.json()) as AboutWorker, url)
    await answer.body?.cancel()
    if (answer.status === 403) return missing(`${url} does not take ${tokenVariable}: give its HARNESS_TOKEN`)
    return missing(`${url} answers with HTTP ${answer.status}: is it the reference Worker?`)
  } catch {
    return missing(`nothing answers at ${url}: start the Worker, or correct ${urlVariable}`)
  }
}

const takesForm = ({ forms }: AboutWorker, url: string): Availability => {
  const key = keyOf(namedForm())
  return forms.includes(key) ? available : missing(`${url} is no ${key}: set ${formVariable} to ${forms.join(", ")}`)
}

/** The reference Worker where somebody else runs it: deployed, under `wrangler dev`, or in a workerd started apart. */
export const cloudflareUrl: Provider = {
  key: "cf-url",
  title: `the reference Worker where it already runs (${urlVariable}, ${tokenVariable})`,
  world: "real",
  capabilities: capabilitiesOf(namedForm()),
  availability: Effect.promise(whatIsMissing),
  layer: Layer.effect(
    ProviderHost,
    Effect.flatMap(
      Effect.promise(() => import("./url-host.ts")),
      (host) =>
        host.startUrlHost({
          url: process.env[urlVariable] ?? "",
          token: process.env[tokenVariable] ?? "",
          form: namedForm(),
        }),
    ),
  ),
}
