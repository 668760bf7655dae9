import { listed } from '../runtime/schema-problems.ts';

/** Thrown when an ask names a connection that is not declared. */
export class UnknownConnection extends Error {
  override readonly name = 'UnknownConnection';
  readonly connection: string;

  constructor(connection: string) {
    super('There is no connection of this name.');
    this.connection = connection;
  }
}

/** Thrown when an order id does not have its provider's form, before any call is made. `message` describes the form. */
export class InvalidOrderId extends Error {
  override readonly name = 'InvalidOrderId';
}

/** Thrown when declared connections cannot be used; `problems` names every wrong field as `loja-rio.baseUrl: …`. */
export class InvalidConnections extends Error {
  override readonly name = 'InvalidConnections';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(listed('These connections cannot be used', problems));
    this.problems = problems;
  }
}
