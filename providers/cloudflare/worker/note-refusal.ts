/**
 * Tells whoever runs the Worker of what was refused because no sound client sends it: one line for each connection or
 * request, in the words of the Worker alone. Payloads, tokens and what else came with it are for nobody's log.
 */
export const noteRefusal = (line: string): void => console.warn(line)
