import type { HostPart, Provider } from "../../contract/provider.ts"
import { fromAsync, type StartedHost } from "../from-async.ts"
import { published, type LivestoreBuild } from "./build.ts"

const noLink = "no link: clients and backend are one object in this process"
const noStorage = "no storage: the log is an array in this process"
const noProcess = "no process of its own"

/** What no host of a backend in this very process can have. */
const absent: Partial<Record<HostPart, string>> = {
  endpoint: noLink,
  classify: noLink,
  app: "no hooks that an application could stand in",
  "process.kill": noProcess,
  "process.restart": noProcess,
  "process.pause": noProcess,
  "process.evict": noProcess,
  "process.deploy": noProcess,
  "process.peekInstance": noProcess,
  "process.cpuMs": noProcess,
  "storage.wipe": noStorage,
  "storage.wipeBeneath": noStorage,
  "storage.snapshot": noStorage,
  "storage.outage": noStorage,
  "storage.failWrite": noStorage,
  "storage.fault": noStorage,
  "clients.jumpClock": "clients have this process's clock",
  gauges: "nothing in it can be counted",
}

const start = async (build: LivestoreBuild): Promise<StartedHost> => {
  const { mockBackends } = await build.mock()
  const backends = mockBackends()
  return {
    identity: async () => ({ name: "@livestore/common", version: build.versionOf("common") ?? "unknown" }),
    open: backends.open,
    interruption: "settled",
    inspect: async (storeId) => backends.pushed(storeId),
    reset: backends.clear,
    stop: backends.clear,
  }
}

/** LiveStore's mock backend (`makeMockSyncBackend`), unmodified: it stands in for a backend in its tests. */
export const makeLivestoreMock = (build: LivestoreBuild = published): Provider =>
  fromAsync({
    key: "livestore-mock",
    title: `LiveStore's ${build.whose} @livestore/common: its mock backend, in this process`,
    missing: async () =>
      build.versionOf("common") === undefined
        ? "@livestore/common: run the package manager's install in this folder"
        : undefined,
    start: () => start(build),
    capabilities: {
      errors: "livestore",
      transport: "memory",
      storage: "memory",
      // A page of a finite pull is its default; a live one gives what is queued.
      limits: { batchEvents: 100, eventBytes: 64_000, payloadBytes: 1_000, pageEvents: 100, pageBytes: 6_400_000 },
      // It sleeps 10 ms in each push, and one push waits for the other; nothing else takes time.
      times: { deadlineMs: 2_000, detectionMs: 1_000, recoveryMs: 1_000, deliveryMs: 500, idleMs: 1_000 },
      supports: { pullPageInfoKnown: true, pullLive: true },
      livePulls: 200,
      absent,
    },
  })
