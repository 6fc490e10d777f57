/** Where a text stops being JSON: the offset of the first character that cannot stand there; the text's end when it is cut off. */
export const jsonFaultAt = (text: string): number => {
  const reader = new Reader(text)
  return reader.value() && reader.over() ? text.length : reader.at
}

/** Reads JSON strictly and stands still where it is none. Each method says whether it found what it looks for. */
class Reader {
  at = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  value(): boolean {
    this.space()
    const first = this.text[this.at]
    if (first === "{") return this.list("}", () => this.string() && this.mark(":") && this.value())
    if (first === "[") return this.list("]", () => this.value())
    if (first === '"') return this.string()
    return this.match(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y)
  }

  over(): boolean {
    this.space()
    return this.at === this.text.length
  }

  private list(close: string, item: () => boolean): boolean {
    this.at++
    if (this.mark(close)) return true
    do {
      this.space()
      if (!item()) return false
    } while (this.mark(","))
    return this.mark(close)
  }

  private string(): boolean {
    this.space()
    return this.match(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y)
  }

  private mark(character: string): boolean {
    this.space()
    if (this.text[this.at] !== character) return false
    this.at++
    return true
  }

  private space(): void {
    this.match(/[ \t\r\n]*/y)
  }

  private match(pattern: RegExp): boolean {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found === null) return false
    this.at += found[0].length
    return true
  }
}
