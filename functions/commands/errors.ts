/** Thrown when a message is not a valid cancel command. `message` names each wrong field and quotes no value. */
export class InvalidCommand extends Error {
  override readonly name = 'InvalidCommand';
}

/** Thrown when the command queue did not take all of a batch. The orders that it took are worked on; asking again with the same key adds the others. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';

  constructor(cause: unknown) {
    super('The command queue did not take all of the batch.', { cause });
  }
}
