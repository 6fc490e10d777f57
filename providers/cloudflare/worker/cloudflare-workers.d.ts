/** The part of the platform's own module that is used here: its type package would clash with the DOM's names. */
declare module "cloudflare:workers" {
  /** Base class of objects whose methods other Workers may call. */
  export class DurableObject<Env> {
    protected readonly env: Env
    constructor(ctx: unknown, env: Env)
  }
}
