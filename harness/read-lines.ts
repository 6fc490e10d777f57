import { createReadStream } from "node:fs"

/**
 * Reads a file line by line. Only "\n" ends a line: `node:readline` also breaks at U+2028, which JSON leaves as it
 * is. The last line may be without its end.
 */
export async function* readLines(file: string): AsyncGenerator<string> {
  let rest = ""
  for await (const chunk of createReadStream(file, { encoding: "utf8" }) as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n")
    rest = lines.pop() ?? ""
    yield* lines
  }
  if (rest !== "") yield rest
}
