import { AttributeType, BillingMode, StreamViewType, Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { FunctionRow, TableName } from './function-row.ts';

export interface DeclaredWebhook {
  readonly name: string;
  readonly kind: NonNullable<FunctionRow['webhooks']>;
}

/** The tables, the exports' bucket and the secrets. Deleting the stack keeps all of them. */
export class Storage extends Construct {
  readonly tables: Readonly<Record<TableName, Table>>;
  /** Pages of orders of running exports, finished workbooks, and daily exports. */
  readonly exportsBucket: Bucket;
  /** One secret for each connection. CloudFormation fills it with a random value; the operator replaces that with the credential. */
  readonly secrets: readonly Secret[];
  readonly secretPrefix: string;
  /** One secret for each webhook, filled with a value that works. Shopify gives its own, which the operator puts in. */
  readonly webhookSecrets: readonly { readonly kind: DeclaredWebhook['kind']; readonly secret: Secret }[];
  readonly webhookSecretPrefix: string;
  /** The secret that the stack's own keys are derived from. Replacing it makes old cursors unusable and forgets which account has which name. */
  readonly keySecret: Secret;
  readonly keySecretName: string;

  constructor(
    scope: Construct,
    id: string,
    { connections, webhooks }: { connections: readonly string[]; webhooks: readonly DeclaredWebhook[] },
  ) {
    super(scope, id);
    this.tables = {
      ledger: this.#ledger(),
      idempotencyKeys: this.#table('IdempotencyKeys', {
        partitionKey: { name: 'key', type: AttributeType.STRING },
        timeToLiveAttribute: 'expiresAt',
      }),
      connectionHealth: this.#table('ConnectionHealth', {
        partitionKey: { name: 'connection', type: AttributeType.STRING },
      }),
      accessTokens: this.#table('AccessTokens', {
        partitionKey: { name: 'tokenHash', type: AttributeType.STRING },
      }),
      batches: this.#table('Batches', {
        partitionKey: { name: 'batch', type: AttributeType.STRING },
        sortKey: { name: 'row', type: AttributeType.STRING },
      }),
      // Only answered tasks expire: the others have no `expiresAt`.
      waitingTasks: this.#table('WaitingTasks', {
        partitionKey: { name: 'operation', type: AttributeType.STRING },
        sortKey: { name: 'task', type: AttributeType.STRING },
        timeToLiveAttribute: 'expiresAt',
      }),
      exportJobs: this.#exportJobs(),
    };
    this.exportsBucket = this.#exportsBucket();
    this.secretPrefix = `${Stack.of(this).stackName}/`;
    this.secrets = connections.map((connection) => this.#secret(connection));
    // No connection's name has a slash.
    this.webhookSecretPrefix = `${this.secretPrefix}webhooks/`;
    this.webhookSecrets = webhooks.map(({ name, kind }) => ({ kind, secret: this.#webhookSecret(name) }));
    this.keySecretName = `${this.secretPrefix}internal/key`;
    this.keySecret = this.#generatedSecret('KeySecret', {
      secretName: this.keySecretName,
      description:
        "The secret that the stack's own keys are derived from: `current` and, while it is being rotated, `previous`.",
    });
    new CfnOutput(Stack.of(this), 'AccessTokensTable', {
      description: 'The table of access tokens (hashes only), for `npm run token -- --table`',
      value: this.tables.accessTokens.tableName,
    });
    new CfnOutput(Stack.of(this), 'ExportsBucket', {
      description: 'The bucket of the daily exports: daily/{connection}/{date}.xlsx',
      value: this.exportsBucket.bucketName,
    });
  }

  /** One item for each order's current operation, and one for each earlier operation. */
  #ledger(): Table {
    const ledger = this.#table('Ledger', {
      partitionKey: { name: 'order', type: AttributeType.STRING },
      sortKey: { name: 'slot', type: AttributeType.STRING },
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
    });
    // Sparse: only operations that are not settled have these attributes.
    ledger.addGlobalSecondaryIndex({
      indexName: 'due',
      partitionKey: { name: 'dueConnection', type: AttributeType.STRING },
      sortKey: { name: 'dueAt', type: AttributeType.STRING },
    });
    ledger.addGlobalSecondaryIndex({
      indexName: 'day',
      partitionKey: { name: 'day', type: AttributeType.STRING },
      sortKey: { name: 'requestedAt', type: AttributeType.STRING },
    });
    // Sparse: only orders whose current operation is a confirmed cancel have these attributes.
    ledger.addGlobalSecondaryIndex({
      indexName: 'cancelled',
      partitionKey: { name: 'cancelledConnection', type: AttributeType.STRING },
      sortKey: { name: 'listedAt', type: AttributeType.STRING },
    });
    return ledger;
  }

  /** One item for each export that runs in the background. Ended ones expire. */
  #exportJobs(): Table {
    const jobs = this.#table('ExportJobs', {
      partitionKey: { name: 'exportId', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAtSeconds',
    });
    // Sparse: only open jobs have these attributes.
    jobs.addGlobalSecondaryIndex({
      indexName: 'open',
      partitionKey: { name: 'open', type: AttributeType.STRING },
      sortKey: { name: 'dueAt', type: AttributeType.STRING },
    });
    return jobs;
  }

  /** A job ends within a day, and its file is kept for a day; daily exports are kept for 90 days (`functions/exports/run-export.ts`). */
  #exportsBucket(): Bucket {
    return new Bucket(this, 'Exports', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        { prefix: 'pages/', expiration: Duration.days(2) },
        { prefix: 'exports/', expiration: Duration.days(3) },
        { prefix: 'daily/', expiration: Duration.days(91) },
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
  }

  #table(id: string, props: TableProps): Table {
    return new Table(this, id, {
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...props,
    });
  }

  #secret(connection: string): Secret {
    return new Secret(this, `Secret-${connection}`, {
      secretName: `${this.secretPrefix}${connection}`,
      description: `The credential of the connection ${connection}. Put it in by hand. A deployment does not change it.`,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  #webhookSecret(webhook: string): Secret {
    return this.#generatedSecret(`WebhookSecret-${webhook}`, {
      secretName: `${this.webhookSecretPrefix}${webhook}`,
      description: `The secrets of the webhook ${webhook}: \`current\` and, while it is being rotated, \`previous\`.`,
    });
  }

  /** `{"current": …}`, filled by CloudFormation with a secret that works. */
  #generatedSecret(id: string, { secretName, description }: { secretName: string; description: string }): Secret {
    return new Secret(this, id, {
      secretName,
      description,
      // Letters and digits are safe in a URL, and 44 of them are valid base64, of 33 bytes.
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'current',
        passwordLength: 44,
        excludePunctuation: true,
      },
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
