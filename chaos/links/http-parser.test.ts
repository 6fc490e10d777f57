import { describe, expect, it } from "vitest"
import { makeHttpParser, type HttpPiece } from "./http-parser.ts"

const crlf = (...lines: ReadonlyArray<string>): string => lines.join("\r\n")

/** What a direction was read as: each message's first line, its body, what ended it; then what nobody can read. */
const read = (of: "request" | "answer", chunks: ReadonlyArray<string>, method = "GET") => {
  const parser = makeHttpParser(of, () => method)
  const said: Array<string> = []
  let body: string | undefined
  let raw = ""
  const emit = (piece: HttpPiece): void => {
    if (piece.kind === "unreadable") {
      said.push(`unreadable: ${piece.why}`)
      raw += piece.raw.toString("latin1")
      return
    }
    if (piece.kind === "head") {
      said.push(piece.head.start)
      body = ""
      raw += piece.head.raw.toString("latin1")
    } else {
      body += Buffer.concat(piece.data).toString("latin1")
      raw += piece.raw.toString("latin1")
    }
    if (!piece.last) return
    said.push(`${body}.`)
    if (piece.kind === "body" && piece.terminator !== "") said.push(piece.terminator)
    body = undefined
  }
  for (const chunk of chunks) {
    let left = Buffer.from(chunk, "latin1")
    while (left.length > 0 && !said.at(-1)?.startsWith("unreadable")) left = Buffer.from(parser.feed(left, emit))
  }
  raw += parser.rest().toString("latin1")
  return { said: body === undefined ? said : [...said, `${body}…`], raw }
}

const requests: ReadonlyArray<readonly [what: string, wire: string, said: ReadonlyArray<string>]> = [
  [
    "requests without and with a body, one behind the other",
    crlf(
      "GET /a HTTP/1.1",
      "host: x",
      "",
      "POST /b HTTP/1.1",
      "Content-Length:  5 ",
      "",
      "helloPUT /c HTTP/1.0",
      "",
      "",
    ),
    ["GET /a HTTP/1.1", ".", "POST /b HTTP/1.1", "hello.", "PUT /c HTTP/1.0", "."],
  ],
  [
    "a chunked body with extensions and trailers",
    crlf(
      "POST / HTTP/1.1",
      "transfer-encoding: chunked",
      "",
      '3;a=b;c="d"',
      "abc",
      "00A",
      "0123456789",
      "0;last",
      "x-sum: 1",
      "y: ",
      "",
      "GET / HTTP/1.1",
      "",
      "",
    ),
    ["POST / HTTP/1.1", "abc0123456789.", "0;last\r\nx-sum: 1\r\ny: \r\n\r\n", "GET / HTTP/1.1", "."],
  ],
  [
    "a chunked body that holds what looks like framing",
    crlf("POST / HTTP/1.1", "Transfer-Encoding: gzip, Chunked", "", "9", "0\r\n\r\nGET ", "0", "", ""),
    ["POST / HTTP/1.1", "0\r\n\r\nGET .", "0\r\n\r\n"],
  ],
  ["an empty line left over before a request", crlf("", "GET / HTTP/1.1", "", ""), ["GET / HTTP/1.1", "."]],
]

const answers: typeof requests = [
  [
    "answers with a length, empty, and without a body by their status",
    crlf(
      "HTTP/1.1 200 OK",
      "content-length: 2, 2",
      "",
      "okHTTP/1.1 204 No Content",
      "content-length: 9",
      "",
      "HTTP/1.1 304 ",
      "",
      "HTTP/1.1 200 OK",
      "Content-Length: 0",
      "",
      "",
    ),
    ["HTTP/1.1 200 OK", "ok.", "HTTP/1.1 204 No Content", ".", "HTTP/1.1 304 ", ".", "HTTP/1.1 200 OK", "."],
  ],
  [
    "what comes before the answer proper",
    crlf(
      "HTTP/1.1 100 Continue",
      "",
      "HTTP/1.1 103 Early Hints",
      "link: <x>",
      "",
      "HTTP/1.1 201",
      "content-length: 1",
      "",
      "!",
    ),
    ["HTTP/1.1 100 Continue", ".", "HTTP/1.1 103 Early Hints", ".", "HTTP/1.1 201", "!."],
  ],
  [
    "a body that ends with the connection",
    crlf("HTTP/1.0 200 OK", "", "HTTP/1.1 200 OK", "", ""),
    ["HTTP/1.0 200 OK", "HTTP/1.1 200 OK\r\n\r\n…"],
  ],
]

const malformed: ReadonlyArray<readonly [of: "request" | "answer", wire: string, why: string]> = [
  ["request", "\u0016\u0003\u0001", "no head of an HTTP request"],
  ["request", crlf("PRI * HTTP/2.0", "", "SM"), "a malformed head of an HTTP request"],
  ["request", crlf("GET / HTTP/1.1", "no colon", "", ""), "a malformed head of an HTTP request"],
  ["request", crlf("GET / HTTP/1.1", "host : x", "", ""), "a malformed head of an HTTP request"],
  ["request", crlf("GET / HTTP/1.1", "a: b", " folded", "", ""), "a malformed head of an HTTP request"],
  ["request", `GET / HTTP/1.1\r\na: ${"x".repeat(70_000)}`, "a head without an end"],
  [
    "request",
    crlf("POST / HTTP/1.1", "content-length: 1", "content-length: 2", "", "ab"),
    "a body of which nobody can tell the end",
  ],
  ["request", crlf("POST / HTTP/1.1", "content-length: -1", "", ""), "a body of which nobody can tell the end"],
  ["request", crlf("POST / HTTP/1.1", "transfer-encoding: gzip", "", ""), "a body of which nobody can tell the end"],
  ["request", crlf("POST / HTTP/1.1", "transfer-encoding: chunked", "", "xyz", "abc"), "a malformed chunk of a body"],
  ["request", crlf("POST / HTTP/1.1", "transfer-encoding: chunked", "", "2", "abc", ""), "a malformed chunk of a body"],
  [
    "request",
    crlf("POST / HTTP/1.1", "transfer-encoding: chunked", "", "0", "no trailer", ""),
    "a malformed chunk of a body",
  ],
  ["answer", "SSH-2.0-x\r\n", "no head of an HTTP answer"],
  ["answer", crlf("HTTP/1.1 OK", "", ""), "a malformed head of an HTTP answer"],
]

describe("the HTTP parser", () => {
  it.each([
    ...requests.map((each) => ["request", ...each] as const),
    ...answers.map((each) => ["answer", ...each] as const),
  ])("reads %ss: %s, wherever they are cut, and loses no byte", (of, _what, wire, said) => {
    expect(read(of, [wire])).toEqual({ said, raw: wire })
    for (let at = 1; at < wire.length; at++) {
      expect(read(of, [wire.slice(0, at), wire.slice(at)]), `cut at ${at}`).toEqual({ said, raw: wire })
    }
    expect(read(of, wire.split(""))).toEqual({ said, raw: wire })
  })

  it.each(malformed)("of %ss gives up on %j: %s", (of, wire, why) => {
    const { said, raw } = read(of, [wire])
    expect(said).toContain(`unreadable: ${why}`)
    expect(raw).toBe(wire)
  })

  it("takes an answer to HEAD for one without a body, whatever its length says", () => {
    const wire = crlf("HTTP/1.1 200 OK", "content-length: 9", "", "HTTP/1.1 204 ", "", "")
    expect(read("answer", [wire], "HEAD").said).toEqual(["HTTP/1.1 200 OK", ".", "HTTP/1.1 204 ", "."])
  })

  it("holds back nothing of a body", () => {
    const parser = makeHttpParser("request")
    const pieces: Array<HttpPiece> = []
    parser.feed(Buffer.from(crlf("POST / HTTP/1.1", "transfer-encoding: chunked", "", "ff", "beg")), (piece) =>
      pieces.push(piece),
    )
    expect(pieces.at(-1)).toMatchObject({ kind: "body", raw: Buffer.from("ff\r\nbeg"), data: [Buffer.from("beg")] })
  })
})
