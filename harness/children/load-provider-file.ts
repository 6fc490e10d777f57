import { existsSync, statSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { Effect, Layer } from "effect"
import type { Provider } from "../../contract/provider.ts"

/** A provider file that cannot be used; the message is one line that says what to change. */
export class BadProvider extends Error {
  override readonly name = "BadProvider"
}

/**
 * Loads a provider from a file of its author: `export default provider`, or `export const provider`.
 * Rejects with `BadProvider`.
 */
export const loadProviderFile = async (path: string): Promise<Provider> => {
  if (!existsSync(path)) throw new BadProvider(`${path}: there is no such file`)
  if (!statSync(path).isFile())
    throw new BadProvider(`${path} is not a file; name the module that exports the provider`)
  const module = await import(pathToFileURL(path).href).catch((error: unknown) => {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    throw new BadProvider(`${path} cannot be imported: ${text.split("\n")[0]}`)
  })
  const exported: unknown = module.default ?? module.provider
  if (exported === undefined) {
    const names = Object.keys(module)
    const has = names.length === 0 ? "it exports nothing" : `it exports ${names.join(", ")}`
    throw new BadProvider(`${path} exports no provider (${has}): write "export default provider"`)
  }
  const wrong = wrongMember(exported)
  if (wrong !== undefined) throw new BadProvider(`${path}: its provider has a wrong shape: ${wrong}`)
  return exported as Provider
}

/** Which member of a provider is not as `contract/provider.ts` says, in a few words; undefined when all are. */
const wrongMember = (value: unknown): string | undefined => {
  if (!isObject(value)) return `expected an object, found ${nameOf(value)}`
  const { key, title, world, capabilities, availability, layer } = value
  if (typeof key !== "string") return `"key" should be a string, found ${nameOf(key)}`
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(key)) {
    return `"key" should be of lower case letters, digits, dots and dashes, found ${JSON.stringify(key)}`
  }
  if (typeof title !== "string") return `"title" should be a string, found ${nameOf(title)}`
  if (world !== "virtual" && world !== "real") return `"world" should be "virtual" or "real", found ${nameOf(world)}`
  const capability = wrongCapability(capabilities)
  if (capability !== undefined) return capability
  if (!Effect.isEffect(availability)) return `"availability" should be an Effect, found ${nameOf(availability)}`
  if (!Layer.isLayer(layer)) return `"layer" should be a Layer of ProviderHost, found ${nameOf(layer)}`
  return undefined
}

const limitNames = ["batchEvents", "eventBytes", "payloadBytes", "pageEvents", "pageBytes"]
const timeNames = ["deadlineMs", "detectionMs", "recoveryMs", "deliveryMs", "idleMs"]

const wrongCapability = (value: unknown): string | undefined => {
  if (!isObject(value))
    return `"capabilities" should be an object (begin with defaultCapabilities), found ${nameOf(value)}`
  const { errors, limits, times, supports, pushWhileOffline } = value
  if (errors !== "full" && errors !== "livestore") {
    return `"capabilities.errors" should be "full" or "livestore", found ${nameOf(errors)}`
  }
  if (pushWhileOffline !== "fails" && pushWhileOffline !== "waits") {
    return `"capabilities.pushWhileOffline" should be "fails" or "waits", found ${nameOf(pushWhileOffline)}`
  }
  return (
    wrongNumbers("capabilities.limits", limits, limitNames) ??
    wrongNumbers("capabilities.times", times, timeNames) ??
    wrongNumbers("capabilities", value, ["livePulls"]) ??
    (isObject(supports) && typeof supports.pullLive === "boolean" && typeof supports.pullPageInfoKnown === "boolean"
      ? undefined
      : `"capabilities.supports" should be { pullPageInfoKnown: boolean, pullLive: boolean }, found ${nameOf(supports)}`)
  )
}

const wrongNumbers = (path: string, value: unknown, names: ReadonlyArray<string>): string | undefined => {
  if (!isObject(value)) return `"${path}" should be an object, found ${nameOf(value)}`
  const wrong = names.find((name) => typeof value[name] !== "number" || !(value[name] > 0))
  return wrong === undefined
    ? undefined
    : `"${path}.${wrong}" should be a number above 0, found ${nameOf(value[wrong])}`
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null

const nameOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return "an array"
  if (typeof value === "object") return "an object"
  return typeof value === "function" ? "a function" : JSON.stringify(value)
}
