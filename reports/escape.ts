/** Characters that XML 1.0 cannot hold, not even escaped; a lone surrogate cannot be written as UTF-8. */
const notXml =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

/** Text made safe for HTML and XML, in content and in quoted attributes. */
export const escapeMarkup = (text: string): string =>
  text.replaceAll(notXml, "\ufffd").replaceAll(/[&<>"']/g, (character) => entities[character]!)

/** Text made safe for one cell of a Markdown table. */
export const escapeCell = (text: string): string =>
  escapeMarkup(text)
    .replaceAll(/([\\`*_{}[\]|])/g, "\\$1")
    .replaceAll(/\s*\n\s*/g, " ")
