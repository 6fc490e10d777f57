import { requestBytes } from "../http-wire.ts"

/** The text of a request's body, or the answer to one that is too large or no text. */
export const readBody = async (request: Request): Promise<string | Response> => {
  const contentLength = request.headers.get("content-length")
  if (Number(contentLength) > requestBytes) return tooLarge()
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let text = ""
  let bytes = 0
  try {
    if (contentLength !== null) return decoder.decode(await request.arrayBuffer())
    for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      if (bytes > requestBytes) return tooLarge()
      text += decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  } catch (error) {
    // Bytes that are no text, or a client that went away in the middle.
    return new Response(`the body cannot be read: ${String(error)}`, { status: 400 })
  }
}

const tooLarge = (): Response => new Response(`a request has at most ${requestBytes} bytes`, { status: 413 })
