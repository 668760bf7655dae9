import { listed } from '../runtime/schema-problems.ts';

/** Thrown when declared webhooks cannot be used; `problems` names every wrong field as `checkout.connections: …`. */
export class InvalidWebhooks extends Error {
  override readonly name = 'InvalidWebhooks';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(listed('These webhooks cannot be used', problems));
    this.problems = problems;
  }
}

/** Thrown when a request names a webhook that is not declared or is of another kind. */
export class UnknownWebhook extends Error {
  override readonly name = 'UnknownWebhook';
}

/** Thrown when a request does not prove who sent it, or is too old. Its body has not been parsed. `message` is shown to the sender. */
export class WebhookNotVerified extends Error {
  override readonly name = 'WebhookNotVerified';
}

/** Thrown when searching a text for an order id would take longer than a shop waits. `message` quotes nothing from the text. */
export class SearchGivenUp extends Error {
  override readonly name = 'SearchGivenUp';
}

/** Thrown when a webhook's secret cannot be read or does not have its kind's form; `message` says which, and never contains a secret. */
export class WebhookSecretUnusable extends Error {
  override readonly name = 'WebhookSecretUnusable';
}
