/** Thrown when a secret cannot be read: it does not exist, holds no text, or the store did not answer. */
export class SecretUnreadable extends Error {
  override readonly name = 'SecretUnreadable';
  readonly secret: string;

  constructor(secret: string, cause?: unknown) {
    super(`The secret ${secret} could not be read.`, { cause });
    this.secret = secret;
  }
}
