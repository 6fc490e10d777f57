const headerBytes = 8

/**
 * The lines of a container's log. Without a terminal the engine puts a header of eight bytes before each piece: the
 * stream's number, three zeros, and the piece's length.
 */
export const plainLines = (log: Buffer): ReadonlyArray<string> => {
  const pieces: Array<Buffer> = []
  for (let at = 0; at + headerBytes <= log.length;) {
    const end = at + headerBytes + log.readUInt32BE(at + 4)
    pieces.push(log.subarray(at + headerBytes, end))
    at = end
  }
  return Buffer.concat(pieces)
    .toString("utf8")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
}
