/** Thrown when a secret cannot be read: it does not exist, holds no usable text, or Secrets Manager did not answer. */
export class SecretUnreadable extends Error {
  override readonly name = 'SecretUnreadable';
  readonly secret: string;

  /** `why` is shown to operators and never contains the secret. */
  constructor(secret: string, cause?: unknown, why = 'could not be read') {
    super(`The secret ${secret} ${why}.`, { cause });
    this.secret = secret;
  }
}

/** Thrown when JSON is nested deeper than any meaningful value. */
export class JsonTooDeep extends Error {
  override readonly name = 'JsonTooDeep';

  constructor() {
    super('The JSON is nested too deep.');
  }
}
