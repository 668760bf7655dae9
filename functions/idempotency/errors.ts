/** Thrown when an `Idempotency-Key` header is empty, too long, or has characters other than visible ASCII. */
export class InvalidIdempotencyKey extends Error {
  override readonly name = 'InvalidIdempotencyKey';

  constructor() {
    super('must be 1 to 255 visible ASCII characters');
  }
}
