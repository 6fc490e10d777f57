import { DatabaseError, Pool, types, type PoolClient } from "pg"
import { PooledClient } from "./pooled-client.ts"
import { Fragment, statementOf } from "./statement.ts"

/** Runs statements: sql`select * from ${identifiers(table)} where key = ${key}`. Whole numbers are numbers. */
export interface Statements {
  /** Rejects with Postgres's error and its `code`, or with what broke the connection. */
  <Rows extends ReadonlyArray<object> = ReadonlyArray<Readonly<Record<string, unknown>>>>(
    texts: TemplateStringsArray,
    ...parts: ReadonlyArray<unknown>
  ): Promise<Rows>
  /** Runs a text as it is, one statement or several; gives the last one's rows. */
  readonly unsafe: <Rows extends ReadonlyArray<object> = ReadonlyArray<Readonly<Record<string, unknown>>>>(
    text: string,
  ) => Promise<Rows>
  /** Runs a text as it is; each row is an array of the texts that Postgres wrote. */
  readonly texts: (text: string) => Promise<ReadonlyArray<ReadonlyArray<string | null>>>
}

/** Connections to a database. One that breaks is replaced when the next statement asks for it. */
export interface Sql extends Statements {
  /** Runs a transaction on one connection, `mode` being what follows `begin`; rolls back when the body rejects. */
  readonly begin: <A>(body: (transaction: Statements) => Promise<A>, mode?: string) => Promise<A>
  /** Ends every connection, and whatever still runs on one after `withinMs` (default: a second). */
  readonly end: (withinMs?: number) => Promise<void>
}

/** How a database is connected to. Times are in milliseconds. */
export interface SqlOptions {
  /** Most connections at a time. */
  readonly max: number
  readonly applicationName?: string
  /** How long a connection may take to be made; default 5 s. */
  readonly connectMs?: number
  /** How long a statement waits for a connection to be free; default 30 s. */
  readonly waitMs?: number
  /** How long an answer may take before the connection is given up; absent: for ever. */
  readonly answerMs?: number
  /** Connections that nobody used for so long end; absent: they stay. */
  readonly idleMs?: number
  /** Whether Postgres keeps the plans of statements that always have the same text. */
  readonly prepares?: boolean
  /** Settings of each connection: { statement_timeout: "8000" }. */
  readonly settings?: Readonly<Record<string, string>>
}

const wholeNumber = types.builtins.INT8

const typeParsers = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === wholeNumber ? Number : (types.getTypeParser(oid, format as "text") as (text: string) => unknown),
}
const asText = { getTypeParser: () => (text: string) => text }

/** Settings as the flags that a connection begins with. */
export const flagsOf = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(" ", "\\ ")}`)
    .join(" ")

/** Opens connections to a database as they are needed. */
export const openSql = (url: string, options: SqlOptions): Sql => {
  const { applicationName, settings = {}, connectMs = 5_000 } = options
  const clients = new Set<PooledClient>()
  const nameOf = options.prepares === true ? statementNames() : () => undefined
  const pool = new Pool({
    // The pool hands its options on: the declared type has a constructor without any.
    Client: PooledClient as unknown as new () => PooledClient,
    connectionString: asLibpq(url),
    max: options.max,
    idleTimeoutMillis: options.idleMs ?? 0,
    types: typeParsers,
    options: flagsOf(settings),
    keepAlive: true,
    ...(applicationName === undefined ? {} : { application_name: applicationName }),
    ...(options.answerMs === undefined ? {} : { query_timeout: options.answerMs }),
    ...{ connectMs, connectionTimeoutMillis: options.waitMs ?? 30_000 },
  })
  // A connection broke while nobody used it: the pool has replaced it.
  pool.on("error", () => undefined)
  pool.on("connect", (client) => void clients.add(client as unknown as PooledClient))
  pool.on("remove", (client) => void clients.delete(client as unknown as PooledClient))

  /** Gives a connection to the body. It is kept unless it broke: then nobody gets it again. */
  const using = async <A>(body: (connection: Connection) => Promise<A>): Promise<A> => {
    const connection = new Connection(await pool.connect().catch(named))
    try {
      return await body(connection)
    } finally {
      connection.giveBack()
    }
  }

  const transact = async <A>(connection: Connection, mode: string, body: (within: Statements) => Promise<A>) => {
    await connection.query({ text: `begin ${mode}` })
    try {
      const result = await body(statementsOn((query) => connection.query(query), nameOf))
      const { command } = await connection.query({ text: "commit" })
      if (command !== "COMMIT") throw new Error("the transaction was rolled back: one of its statements had failed")
      return result
    } catch (error) {
      // What is broken was rolled back with its connection.
      if (!connection.isBroken) await connection.query({ text: "rollback" }).catch(() => undefined)
      throw error
    }
  }

  let ended: Promise<void> | undefined
  const endWithin = async (withinMs: number): Promise<void> => {
    const late = setTimeout(() => clients.forEach((client) => client.drop()), withinMs)
    await pool.end().finally(() => clearTimeout(late))
  }

  return Object.assign(
    statementsOn((query) => using((connection) => connection.query(query)), nameOf),
    {
      begin: <A>(body: (transaction: Statements) => Promise<A>, mode = ""): Promise<A> =>
        using((connection) => transact(connection, mode, body)),
      end: (withinMs = 1_000): Promise<void> => (ended ??= endWithin(withinMs)),
    },
  )
}

interface Query {
  readonly text: string
  /** Prepared under this name. */
  readonly name?: string | undefined
  readonly values?: ReadonlyArray<unknown>
  readonly rowMode?: "array"
}

interface Answer {
  readonly command: string
  readonly rows: ReadonlyArray<object>
}

/** A connection while one statement or one transaction has it. */
class Connection {
  isBroken = false
  private readonly client: PoolClient

  constructor(client: PoolClient) {
    this.client = client
  }

  async query({ text, values, name, rowMode }: Query): Promise<Answer> {
    try {
      const asked = { text, ...(values && { values: [...values] }), ...(name && { name }) }
      const answer = (await (rowMode === undefined
        ? this.client.query(asked)
        : this.client.query({ ...asked, rowMode, types: asText }))) as Answer | Array<Answer>
      return Array.isArray(answer) ? (answer.at(-1) as Answer) : answer
    } catch (error) {
      if (!leavesConnection(error)) this.isBroken = true
      throw error
    }
  }

  giveBack(): void {
    if (this.isBroken) (this.client as unknown as PooledClient).drop()
    this.client.release(this.isBroken)
  }
}

/** Whether a connection can be used after this failure: Postgres refused one statement, and said so. */
const leavesConnection = (error: unknown): boolean => error instanceof DatabaseError && error.severity === "ERROR"

type NameOf = (texts: TemplateStringsArray, parts: ReadonlyArray<unknown>) => string | undefined

/** A name for each template whose text is always the same, which is one without fragments. */
const statementNames = (): NameOf => {
  const names = new WeakMap<TemplateStringsArray, string>()
  let count = 0
  return (texts, parts) => {
    if (parts.some((part) => part instanceof Fragment)) return undefined
    const name = names.get(texts) ?? `statement_${(count += 1)}`
    names.set(texts, name)
    return name
  }
}

const statementsOn = (run: (query: Query) => Promise<Answer>, nameOf: NameOf): Statements => {
  const rowsOf = async <Rows>(query: Query): Promise<Rows> => (await run(query)).rows as Rows
  const tagged = <Rows>(texts: TemplateStringsArray, ...parts: ReadonlyArray<unknown>): Promise<Rows> =>
    rowsOf({ ...statementOf(texts, parts), name: nameOf(texts, parts) })
  return Object.assign(tagged, {
    unsafe: <Rows>(text: string): Promise<Rows> => rowsOf({ text }),
    texts: (text: string): Promise<ReadonlyArray<ReadonlyArray<string | null>>> => rowsOf({ text, rowMode: "array" }),
  }) as Statements
}

/** A limit of time has no code, and a failure of several addresses at once no message. */
const named = (error: Error & { readonly code?: string }): never => {
  const { message, code = "ETIMEDOUT" } = error
  if (message === "timeout expired") throw Object.assign(new Error("the database did not answer in time"), { code })
  if (message.startsWith("timeout exceeded")) throw Object.assign(new Error("no connection was free in time"), { code })
  throw message === "" ? Object.assign(new Error(code), { code }) : error
}

/** `sslmode` means what it means to Postgres's own programs: "require" takes any certificate. */
const asLibpq = (url: string): string => {
  if (!URL.canParse(url)) return url
  const read = new URL(url)
  if (!read.searchParams.has("sslmode")) return url
  read.searchParams.set("uselibpqcompat", "true")
  return read.href
}
