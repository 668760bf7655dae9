import { ApiDestination, Authorization, Connection, Rule, type IApiDestination } from 'aws-cdk-lib/aws-events';
import { ApiDestination as ApiDestinationTarget } from 'aws-cdk-lib/aws-events-targets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Duration, RemovalPolicy, SecretValue, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Subscriber } from './context.ts';
import type { Messaging } from './messaging.ts';

/** Posts outcomes to the HTTPS endpoints that the context names. An outcome that an endpoint does not take within a day goes to the dead outcomes. */
export class Subscribers extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { subscribers, messaging }: { subscribers: Readonly<Record<string, Subscriber>>; messaging: Messaging },
  ) {
    super(scope, id);
    for (const [name, { url, header, secretVersion, events }] of Object.entries(subscribers)) {
      const secret = new Secret(this, `Secret-${name}`, {
        secretName: `${Stack.of(this).stackName}/subscriber/${name}`,
        description: `The secret that is sent to ${name} with each outcome. Put it in by hand, then deploy with its version.`,
        removalPolicy: RemovalPolicy.RETAIN,
      });
      const connection = new Connection(this, `Connection-${name}`, {
        authorization: Authorization.apiKey(
          header,
          SecretValue.secretsManager(secret.secretArn, secretVersion === undefined ? {} : { versionId: secretVersion }),
        ),
      });
      const destination = new ApiDestination(this, `Destination-${name}`, {
        connection,
        endpoint: url,
        rateLimitPerSecond: 50,
      });
      new Rule(this, `Rule-${name}`, {
        eventBus: messaging.bus,
        description: `Posts outcomes to ${name}`,
        eventPattern: { source: ['countermand'], detailType: [...events] },
        targets: [
          new ApiDestinationTarget(destination as IApiDestination, {
            deadLetterQueue: messaging.queues.deadOutcomes,
            maxEventAge: Duration.hours(24),
            retryAttempts: 185,
          }),
        ],
      });
    }
  }
}
