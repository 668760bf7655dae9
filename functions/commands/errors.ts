/** Thrown when what was sent is not a cancel command. `message` names each wrong field; it quotes no value. */
export class InvalidCommand extends Error {
  override readonly name = 'InvalidCommand';
}

/** Thrown when the command queue did not take all of a batch. What it took is worked on; asking again with the same key completes it. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';

  constructor(cause: unknown) {
    super('The command queue did not take all of the batch.', { cause });
  }
}
