/** Thrown when a token is named that does not exist. */
export class NoSuchToken extends Error {
  override readonly name = 'NoSuchToken';

  constructor(nameOrId: string) {
    super(`There is no access token with the name or id ${nameOrId}.`);
  }
}

/** Thrown when a name means several live tokens, so that one of their ids is needed. */
export class AmbiguousTokenName extends Error {
  override readonly name = 'AmbiguousTokenName';

  constructor(name: string, ids: readonly string[]) {
    super(`Several access tokens have the name ${name}: say which one by its id (${ids.join(', ')}).`);
  }
}
