import { isAbsolute, resolve } from "node:path"
import type { ProviderSource } from "../harness/children/messages.ts"
import { byKeyAlone, registry } from "../providers/registry.ts"
import { didYouMean } from "./nearest.ts"
import { UsageError } from "./usage-error.ts"

/** A provider to run on. `name` is its key, or the path of its file as it was typed. */
export interface ChosenProvider {
  readonly name: string
  readonly source: ProviderSource
}

/** A provider whose key is known: that of a file is told by the file. */
export interface KnownProvider extends ChosenProvider {
  readonly key: string
}

/**
 * The providers named, or every one of a default run when none is; `UsageError` for a key that nobody has. Weak
 * and simulated ones are chosen by key alone.
 */
export const selectProviders = (input: {
  readonly keys: ReadonlyArray<string>
  readonly files: ReadonlyArray<string>
  readonly cwd: string
  readonly known?: ReadonlyArray<string>
}): ReadonlyArray<ChosenProvider> => {
  const known = input.known ?? registry.map(({ key }) => key)
  const named = [...known, ...byKeyAlone.map(({ key }) => key)]
  const unknown = input.keys.find((key) => !named.includes(key))
  if (unknown !== undefined) {
    throw new UsageError(
      `there is no provider "${unknown}"${didYouMean(unknown, named)}; there are ${known.join(", ")}; ` +
        `one of your own is named with --provider-file FILE`,
    )
  }
  const keys = input.keys.length === 0 && input.files.length === 0 ? known : [...new Set(input.keys)]
  return [
    ...keys.map((key): ChosenProvider => ({ name: key, source: { kind: "registered", key } })),
    ...[...new Set(input.files)].map((file): ChosenProvider => {
      const path = isAbsolute(file) ? file : resolve(input.cwd, file)
      return { name: file, source: { kind: "file", path } }
    }),
  ]
}
