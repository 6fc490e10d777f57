import type { Provider } from "../../contract/provider.ts"
import { fromAsync } from "../from-async.ts"
import { published, type LivestoreBuild } from "./build.ts"
import { capabilitiesOf } from "./capabilities.ts"
import { keyOf, titleOf, type LivestoreForm } from "./form.ts"

/** LiveStore's Cloudflare provider in one of its forms: worker and client unmodified. */
export const makeLivestore = (form: LivestoreForm, build: LivestoreBuild = published): Provider =>
  fromAsync({
    key: keyOf(form),
    title: titleOf(form, build.whose),
    missing: async () =>
      build.versionOf("sync-cf") === undefined
        ? "@livestore/sync-cf: run the package manager's install in this folder"
        : undefined,
    start: async () => (await import("./host.ts")).startHost(form, build),
    capabilities: capabilitiesOf(form),
  })
