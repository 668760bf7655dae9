/** Thrown when no access token has the given name or id. */
export class NoSuchToken extends Error {
  override readonly name = 'NoSuchToken';

  constructor(nameOrId: string) {
    super(`There is no access token with the name or id ${nameOrId}.`);
  }
}

/** Thrown when several tokens that are not revoked have the given name. The caller must name one by its id. */
export class AmbiguousTokenName extends Error {
  override readonly name = 'AmbiguousTokenName';

  constructor(name: string, ids: readonly string[]) {
    super(`Several access tokens have the name ${name}: say which one by its id (${ids.join(', ')}).`);
  }
}
