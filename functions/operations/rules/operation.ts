import * as z from 'zod';
import { storedSnapshotSchema } from './snapshot.ts';

/** An operation is one ask to change one order. This file says what it is and which moves it may make; `ledger.ts` keeps it. */

export const OPERATION_KINDS = ['cancel', 'restore', 'delete'] as const;
export const CANCEL_REASONS = ['customer', 'declined', 'expired', 'fraud', 'inventory', 'staff', 'other'] as const;
export const TRIGGERS = ['http', 'queue', 'event', 'batch', 'task', 'schedule', 'webhook'] as const;
export const OUTCOMES = ['confirmed', 'refused', 'pending', 'unknown', 'needs_attention'] as const;

export type OperationKind = (typeof OPERATION_KINDS)[number];
export type CancelReason = (typeof CANCEL_REASONS)[number];
export type Trigger = (typeof TRIGGERS)[number];
/** What is known of an operation. */
export type Outcome = (typeof OUTCOMES)[number];

/** How far the last ask got. Only what was surely not sent, or was proven to have had no effect, may be asked again. */
const REACHES = ['not_sent', 'sent', 'accepted'] as const;
export type Reach = (typeof REACHES)[number];

const instant = z.iso.datetime();

export const evidence = z.object({
  /** Which call proved it: the reply to the ask, or a read-back. */
  source: z.enum(['reply', 'read_back']),
  /** The provider's own word for the order's status; null where it had none to show. */
  status: z.nullable(z.string()),
  at: instant,
});

export const timelineEntry = z.object({
  at: instant,
  event: z.enum(['requested', 'asked', 'asked_again', 'seen', ...OUTCOMES]),
  detail: z.optional(z.string()),
  status: z
    .optional(z.int())
    .meta({ description: "The HTTP status of a reply that is not surely the provider's own." }),
  count: z.optional(z.int().min(2)).meta({
    description: 'How often it happened between `at` and `until`, where many steps are told as one.',
  }),
  until: z.optional(instant),
});

/*
 * What is stored is loose where it is nested: members that a newer version of the code wrote survive what an older one writes over
 * them. `viewOf` shows none of those.
 */
const common = {
  connection: z.string(),
  provider: z.string(),
  /** The account that it was made at (`accounts.ts`); null where none is known yet, or an older version wrote it. */
  account: z.nullable(z.string()).default(null),
  orderId: z.string(),
  /** Counts the operations of one order from 1. */
  number: z.int().positive(),
  kind: z.enum(OPERATION_KINDS),
  reason: z.nullable(z.enum(CANCEL_REASONS)),
  note: z.nullable(z.string()),
  actor: z.nullable(z.string()),
  trigger: z.enum(TRIGGERS),
  requestedAt: instant,
  /** Changing calls begun so far. */
  attempts: z.int().nonnegative(),
  /** Why the outcome is what it is, as a stable code. */
  detail: z.string(),
  /** The provider's words, personal data struck out; only where it refused. */
  words: z.nullable(z.string()),
  timeline: z.array(timelineEntry.loose()),
  /** Grows by one with every write; with `owner` it fences writers. */
  version: z.int().positive(),
  /** Who wrote last: unique for every function invocation. */
  owner: z.string(),
  /** The provider's mark of the order's history before the last ask; null if it has none or it is not known. */
  historyMark: z.nullable(z.string()),
  /** What had been confirmed last of this order when the operation was opened (`succession.ts`). */
  lastConfirmed: z
    .nullable(z.looseObject({ kind: z.enum(OPERATION_KINDS), number: z.int().positive(), doneAt: z.nullable(instant) }))
    .default(null),
  /** The order without personal data: of a delete before it was asked for, of a cancel as it was confirmed, where it was shown. */
  snapshot: z.nullable(storedSnapshotSchema).default(null),
};

const open = {
  ...common,
  /** When the settler is to look next. Kept as the sort key of a sparse index: only what is not settled has it. */
  dueAt: instant,
  /** Until when `owner` may work on it; null when nobody does. */
  leaseUntil: z.nullable(instant),
  askReach: z.enum(REACHES),
  /** When the last ask began. */
  askedAt: instant,
  /** The latest moment at which the last ask can have been on its way; the quiet period counts from here. Null before the first ask. */
  lastAskEndedAt: z.nullable(instant),
  /** Asks whose answers got lost. Operations from before it was counted have none, and all their asks count as lost. */
  lostAsks: z.optional(z.int().nonnegative()),
  /** Settling attempts since the last call that told nothing. They set the back-off. */
  looksSinceAsk: z.int().nonnegative(),
};

const settled = {
  ...common,
  settledAt: instant,
  evidence: evidence.loose(),
  /** Until when the provider may still act on an ask whose answer was lost, though what was wanted is so; null where it cannot. */
  mayActUntil: z.nullable(instant).default(null),
};

export const operationSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('calling'), ...open, leaseUntil: instant }),
  z.object({ state: z.literal('pending'), ...open }),
  z.object({ state: z.literal('unknown'), ...open }),
  z.object({ state: z.literal('needs_attention'), ...open }),
  z.object({ state: z.literal('confirmed'), ...settled }),
  z.object({ state: z.literal('refused'), ...settled }),
]);

/** Members of a ledger item that a newer version of the code wrote and this one does not know, as DynamoDB has them. */
interface Kept {
  readonly unknownMembers?: Readonly<Record<string, unknown>>;
}
export type Operation = z.infer<typeof operationSchema> & Kept;
export type OperationState = Operation['state'];
export type OpenOperation = Exclude<Operation, { state: 'confirmed' | 'refused' }>;

export function isOpen(operation: Operation): operation is OpenOperation {
  return operation.state !== 'confirmed' && operation.state !== 'refused';
}

/** Whether a rule asked, which may stop meaning it. A rule's ask is repeated only while the rule still means it. */
export function mayBeWithdrawn({ trigger }: Pick<Operation, 'trigger'>): boolean {
  return trigger === 'schedule';
}

/** Whether somebody works on it at this moment. */
export function isLeased({ leaseUntil }: OpenOperation, now: number): boolean {
  return leaseUntil !== null && Date.parse(leaseUntil) > now;
}

export type Evidence = z.infer<typeof evidence>;
export type TimelineEntry = z.infer<typeof timelineEntry>;

/**
 * Which move is allowed. `calling` is entered only before a socket is opened; nothing leaves `confirmed` or `refused`;
 * what is parked is never asked again, but a late proof still settles it.
 */
const MOVES: Readonly<Record<OperationState, readonly OperationState[]>> = {
  calling: ['confirmed', 'refused', 'pending', 'unknown', 'needs_attention'],
  pending: ['calling', 'confirmed', 'refused', 'pending', 'unknown', 'needs_attention'],
  unknown: ['calling', 'confirmed', 'refused', 'pending', 'unknown', 'needs_attention'],
  needs_attention: ['confirmed', 'refused', 'needs_attention'],
  confirmed: [],
  refused: [],
};

export function mayMove(from: OperationState, to: OperationState): boolean {
  return MOVES[from].includes(to);
}

export function operationId(operation: { connection: string; orderId: string; number: number }): string {
  return `${operation.connection}:${operation.orderId}:${operation.number}`;
}

/** When the settler is to have looked at an operation: a minute at the most, for a look may settle sooner what is due late; 0: it is settled. */
export function secondsUntilDue(operation: Operation, now: number): number {
  if (!isOpen(operation)) return 0;
  return Math.min(60, Math.max(1, Math.ceil((Date.parse(operation.dueAt) - now) / 1000) + 1));
}

/** For how many more milliseconds the provider may still act on an ask of a settled operation whose answer was lost. */
export function mayActFor(operation: Operation, now: number): number {
  if (isOpen(operation) || operation.mayActUntil === null) return 0;
  return Math.max(0, Date.parse(operation.mayActUntil) - now);
}

/** What an operation is called that is confirmed: because of an ask of ours, or because it was so already. */
export const CONFIRMED_DETAILS = {
  cancel: { done: 'cancelled', already: 'already_cancelled' },
  restore: { done: 'restored', already: 'already_active' },
  delete: { done: 'deleted', already: 'already_deleted' },
} as const satisfies Record<OperationKind, { done: string; already: string }>;
export type ConfirmedDetail = (typeof CONFIRMED_DETAILS)[OperationKind]['done' | 'already'];
