/** Arguments whose JSON is known: members that are no objects, in their order. */
interface Known {
  readonly keys: ReadonlyArray<string>
  readonly values: ReadonlyArray<unknown>
  readonly text: string
}

/**
 * The JSON of arguments, remembered by their mark: an event is recorded once when it is pushed and again with each
 * page that brings it. Nothing is taken from an object's being the same one: arguments are compared member by member
 * with what was seen before, and written out anew where they differ in anything.
 */
export class ArgsTexts {
  private readonly known = new Map<string, Known>()

  /** What `JSON.stringify` gives for these arguments, and throws what it throws. */
  of(args: unknown): string | undefined {
    if (!isMarked(args)) return JSON.stringify(args)
    const known = this.known.get(args.mark)
    if (known !== undefined && isThe(known, args)) return known.text
    const text = JSON.stringify(args)
    if (known === undefined) {
      const keys = Object.keys(args)
      const values = keys.map((key) => args[key])
      if (values.every(isScalar)) this.known.set(args.mark, { keys, values, text })
    }
    return text
  }
}

type Marked = Readonly<Record<string, unknown>> & { readonly mark: string }

const isMarked = (args: unknown): args is Marked =>
  typeof args === "object" &&
  args !== null &&
  Object.getPrototypeOf(args) === Object.prototype &&
  typeof (args as { readonly mark?: unknown }).mark === "string"

const isScalar = (value: unknown): boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null

const isThe = ({ keys, values }: Known, args: Marked): boolean => {
  let n = 0
  for (const key in args) {
    if (keys[n] !== key || values[n] !== args[key]) return false
    n++
  }
  return n === keys.length
}
