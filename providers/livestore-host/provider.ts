import type { Provider } from "../../contract/provider.ts"
import { fromAsync } from "../from-async.ts"
import { capabilitiesOf } from "./capabilities.ts"
import { keyOf, titleOf, type LivestoreForm } from "./form.ts"
import { installedVersion } from "./installed-version.ts"

/** LiveStore's published Cloudflare provider in one of its forms: worker and client unmodified. */
export const makeLivestore = (form: LivestoreForm): Provider =>
  fromAsync({
    key: keyOf(form),
    title: titleOf(form),
    missing: async () =>
      installedVersion("sync-cf") === undefined
        ? "@livestore/sync-cf: run the package manager's install in this folder"
        : undefined,
    start: async () => (await import("./host.ts")).startHost(form),
    capabilities: capabilitiesOf(form),
  })
