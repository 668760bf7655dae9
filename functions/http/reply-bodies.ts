import * as z from 'zod';
import { EXPORT_PROBLEMS, EXPORT_STATES } from '../exports/export-states.ts';
import { operationViewSchema } from '../operations/rules/operation-view.ts';
import { VERDICTS } from '../operations/rules/verdict.ts';
import { cancelledOrderSchema } from '../providers/cancelled-order.ts';
import { capabilitySchema, EFFECTS, warningSchema } from '../providers/provider.ts';

/** The bodies of replies. Types are inferred from these schemas; no function loads them at run time. */

const nextCursor = z
  .nullable(z.string())
  .meta({ description: 'Send it as `cursor` to get the next page. null: this page is the last.' });

export const healthBody = z.object({ status: z.literal('ok') });

export const orderBody = z
  .object({
    connection: z.string(),
    orderId: z.string(),
    operation: operationViewSchema,
    previous: z.array(operationViewSchema).meta({ description: 'Earlier operations, newest first, at most 100.' }),
    previousLeftOut: z.optional(z.int().positive()).meta({
      description:
        'How many still earlier operations there are. Each is at `GET /v1/operations/{id}`; their numbers count from 1.',
    }),
  })
  .meta({ id: 'OrderOperations' });
export type OrderBody = z.infer<typeof orderBody>;

export const operationsBody = z
  .object({
    operations: z.array(operationViewSchema),
    unreadable: z.int().nonnegative().meta({
      description: 'How many operations this page passed over because another version of Countermand wrote them.',
    }),
    nextCursor,
  })
  .meta({ id: 'OperationList' });
export type OperationsBody = z.infer<typeof operationsBody>;

export const connectionsBody = z
  .object({
    connections: z.array(
      z
        .object({
          name: z.string(),
          provider: z.string(),
          baseUrl: z.url(),
          quietPeriodSeconds: z
            .number()
            .meta({ description: 'How long an ask whose answer was lost may still take effect.' }),
          timeoutSeconds: z.number().meta({ description: 'How long one call to the provider may take.' }),
          health: z
            .enum(['ok', 'needs_reauth', 'paused', 'account_has_another_name', 'name_has_another_account'])
            .meta({
              description:
                '`needs_reauth`: the provider rejects the stored credential; no calls are made to it until another one is stored. ' +
                '`paused`: a web page, an empty reply or a proxy answered in place of the provider; asks wait for at most a minute, then ' +
                'one call finds out whether the provider answers again. `account_has_another_name`, `name_has_another_account`: the ' +
                'connection is not used, because an account has one name and a name one account; the log says what to do.',
            }),
          since: z
            .nullable(z.iso.datetime())
            .meta({ description: 'Since when the connection needs another credential.' }),
          until: z.nullable(z.iso.datetime()).meta({ description: 'Until when the connection is paused.' }),
        })
        .meta({ id: 'Connection' }),
    ),
    nextCursor,
  })
  .meta({ id: 'ConnectionList' });
export type ConnectionsBody = z.infer<typeof connectionsBody>;

export const providersBody = z
  .object({
    providers: z.array(
      z
        .object({
          name: z.string(),
          orderId: z.string().meta({ description: "What this provider's order ids look like." }),
          capabilities: z.record(z.string(), capabilitySchema),
        })
        .meta({ id: 'Provider' }),
    ),
    nextCursor,
  })
  .meta({ id: 'ProviderList' });
export type ProvidersBody = z.infer<typeof providersBody>;

const verdict = z.enum(VERDICTS).meta({
  description:
    '`would`: the provider would be asked, and there is no sign that it would refuse. `likely_refused`: it would be asked and would likely ' +
    'refuse; `shipped`, `refused_before`, `not_active` or `status_unknown` is among the warnings. `would_not`: it would not be asked.',
});
const dryRunMembers = {
  dryRun: z.literal(true),
  verdict,
  order: z.object({ status: z.string().meta({ description: "The provider's own word." }) }),
  effects: z
    .readonly(z.array(z.enum(EFFECTS)))
    .meta({ description: 'What the ask would touch; empty if the provider would not be asked.' }),
  warnings: z.readonly(z.array(warningSchema)).meta({ description: 'Reasons not to ask.' }),
  operation: z.optional(z.string()).meta({
    description: 'The id of the operation that would answer an ask, or that stands in its way.',
  }),
};
const isExpected = z.boolean().meta({ description: 'true only if the verdict is `would`.' });

export const cancelDryRunBody = z.object({ ...dryRunMembers, wouldCancel: isExpected }).meta({ id: 'DryRun' });
export const restoreDryRunBody = z.object({ ...dryRunMembers, wouldRestore: isExpected }).meta({ id: 'RestoreDryRun' });
export const deleteDryRunBody = z.object({ ...dryRunMembers, wouldDelete: isExpected }).meta({ id: 'DeleteDryRun' });
export type DryRunBody =
  z.infer<typeof cancelDryRunBody> | z.infer<typeof restoreDryRunBody> | z.infer<typeof deleteDryRunBody>;

const source = cancelledOrderSchema.shape.source;
const cancelledOrderPage = {
  orders: z.array(cancelledOrderSchema).meta({ description: 'Newest first, by the time when they were ordered.' }),
  nextCursor,
  incomplete: z
    .array(z.object({ connection: z.string(), problem: z.string().meta({ description: 'A stable code.' }) }))
    .meta({
      description:
        'Connections whose orders may be missing on this page, and why. Ask for the same page again to get them.',
    }),
};

export const cancelledOrdersBody = z
  .object({
    ...cancelledOrderPage,
    sources: z.record(z.string(), source).meta({ description: "Where each connection's orders come from." }),
  })
  .meta({ id: 'CancelledOrderList' });
export const connectionCancelledOrdersBody = z
  .object({
    ...cancelledOrderPage,
    source: z
      .nullable(source)
      .meta({ description: 'Where the orders come from. null: the connection cannot be used.' }),
  })
  .meta({ id: 'CancelledOrderListOfConnection' });
export type CancelledOrdersBody = z.infer<typeof cancelledOrdersBody> | z.infer<typeof connectionCancelledOrdersBody>;

const batchCommon = {
  id: z.string(),
  connection: z.string(),
  provider: z.string(),
  dryRun: z.boolean(),
  requestedAt: z.iso.datetime(),
  total: z.int().meta({ description: 'How many orders the batch has.' }),
};

export const batchTakenBody = z.object(batchCommon).meta({ id: 'BatchTaken' });
export type BatchTakenBody = z.infer<typeof batchTakenBody>;

const { id, outcome, detail, final } = operationViewSchema.shape;
const money = z.object({ amount: z.number().meta({ description: 'Major units.' }), currency: z.string() });

export const batchBody = z
  .object({
    ...batchCommon,
    counts: z.record(z.string(), z.int()).meta({
      description:
        'How many orders are in each state. `waiting`: not worked on yet. `failed`: could not be carried out or read. The others are ' +
        'outcomes or, for a dry run, `wouldCancel`, `likelyRefused` and `wouldNotCancel`.',
    }),
    final: z.boolean().meta({ description: 'true: nothing in this batch will change any more.' }),
    atStake: z
      .optional(z.array(money.extend({ orders: z.int() })))
      .meta({ description: 'Dry runs only: the sum of the known totals of the orders whose verdict is `would`.' }),
    orders: z.array(
      z
        .object({
          orderId: z.string(),
          operation: z.nullable(z.object({ id, outcome, detail, final })),
          problem: z.nullable(z.object({ code: z.string(), text: z.string() })),
          plan: z.nullable(
            z.object({
              verdict,
              wouldCancel: isExpected,
              status: z.string().meta({ description: "The provider's own word." }),
              warnings: z.array(z.object({ code: z.string(), text: z.string() })),
              total: z.nullable(money),
            }),
          ),
        })
        .meta({
          id: 'BatchOrder',
          description: '`operation`, `problem` and `plan` are null until the order was worked on.',
        }),
    ),
  })
  .meta({ id: 'Batch' });
export type BatchBody = z.infer<typeof batchBody>;

export const acknowledgementBody = operationViewSchema
  .pick({ outcome: true, detail: true, final: true })
  .extend({ operation: z.string().meta({ description: "The operation's id. Reading it needs an access token." }) })
  .meta({ id: 'Acknowledgement', description: 'The current state of the operation that the webhook led to.' });
export type AcknowledgementBody = z.infer<typeof acknowledgementBody>;

export const ignoredBody = z
  .object({
    ignored: z.enum([
      'not_about_cancelling',
      'other_organization',
      'other_topic',
      'not_cancelled',
      'order_id_missing',
      'order_id_not_searched',
      'order_deleted',
    ]),
  })
  .meta({ id: 'Ignored', description: 'Why the webhook led to no operation.' });
export type IgnoredBody = z.infer<typeof ignoredBody>;

export const exportBody = z
  .object({
    id: z.string(),
    state: z.enum(EXPORT_STATES).meta({
      description: '`reading`: orders are being read. `writing`: the workbook is being written.',
    }),
    rows: z.number().meta({ description: 'Orders read so far.' }),
    pages: z.number().meta({ description: 'Pages read so far, from the providers and the ledger.' }),
    incomplete: z
      .readonly(z.array(z.object({ connection: z.string(), problem: z.string() })))
      .meta({ description: 'What could not be read.' }),
    problem: z.nullable(z.enum(EXPORT_PROBLEMS)).meta({ description: 'Why it failed.' }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    expiresAt: z.nullable(z.iso.datetime()).meta({ description: 'Until when the file can be downloaded.' }),
    file: z
      .nullable(
        z.object({
          name: z.string(),
          bytes: z.number(),
          url: z.url().meta({ description: 'A link that needs no access token. Ask again for a fresh one.' }),
          urlExpiresAt: z.iso.datetime(),
        }),
      )
      .meta({ description: 'null until the export is finished.' }),
  })
  .meta({ id: 'Export' });
export type ExportBody = z.infer<typeof exportBody>;
