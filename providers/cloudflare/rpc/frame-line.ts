/** JSON text holds no control character, so that this one can stand for the line feeds between a frame's lines. */
const separator = "\u001e"

/** A frame as one line, without the newline at its end: what a link takes for one frame. */
export const frameToLine = (frame: string): string => frame.replaceAll("\n", separator)

/** The frame in a line; a newline at its end is dropped. */
export const lineToFrame = (line: string): string =>
  (line.endsWith("\n") ? line.slice(0, -1) : line).replaceAll(separator, "\n")
