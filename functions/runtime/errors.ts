/** Thrown when a secret cannot be read: it does not exist, holds no text or none that can be used, or the store did not answer. */
export class SecretUnreadable extends Error {
  override readonly name = 'SecretUnreadable';
  readonly secret: string;

  /** `why` is shown to operators, and never holds a secret. */
  constructor(secret: string, cause?: unknown, why = 'could not be read') {
    super(`The secret ${secret} ${why}.`, { cause });
    this.secret = secret;
  }
}

/** Thrown when JSON is nested deeper than anything that is meant. */
export class JsonTooDeep extends Error {
  override readonly name = 'JsonTooDeep';

  constructor() {
    super('The JSON is nested too deep.');
  }
}
