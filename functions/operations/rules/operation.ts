import * as z from 'zod';
import { storedSnapshotSchema } from './snapshot.ts';

/** An operation is one ask to change one order. This file defines it and the moves that it may make; `ledger.ts` stores it. */

export const OPERATION_KINDS = ['cancel', 'restore', 'delete'] as const;
export const CANCEL_REASONS = ['customer', 'declined', 'expired', 'fraud', 'inventory', 'staff', 'other'] as const;
export const TRIGGERS = ['http', 'queue', 'event', 'batch', 'task', 'schedule', 'webhook'] as const;
export const OUTCOMES = ['confirmed', 'refused', 'pending', 'unknown', 'needs_attention'] as const;

export type OperationKind = (typeof OPERATION_KINDS)[number];
export type CancelReason = (typeof CANCEL_REASONS)[number];
export type Trigger = (typeof TRIGGERS)[number];
/** What is known about an operation. */
export type Outcome = (typeof OUTCOMES)[number];

/** How far the last ask got. An ask may be repeated only if it was certainly not sent, or is proven to have had no effect. */
const REACHES = ['not_sent', 'sent', 'accepted'] as const;
export type Reach = (typeof REACHES)[number];

const instant = z.iso.datetime();

export const evidence = z.object({
  /** Which call proved it: the reply to the ask, or a read-back. */
  source: z.enum(['reply', 'read_back']),
  /** The provider's own word for the order's status; null if it showed none. */
  status: z.nullable(z.string()),
  at: instant,
});

export const timelineEntry = z.object({
  at: instant,
  event: z.enum(['requested', 'asked', 'asked_again', 'seen', ...OUTCOMES]),
  detail: z.optional(z.string()),
  status: z
    .optional(z.int())
    .meta({ description: "The HTTP status of the reply, if the reply is not surely the provider's own." }),
  count: z.optional(z.int().min(2)).meta({
    description:
      'How many times the event happened between `at` and `until`, if several steps were merged into this one.',
  }),
  until: z.optional(instant),
});

/*
 * Nested objects are stored loosely: members that a newer version of the code wrote survive an older version's writes. `viewOf` does not
 * show these members.
 */
const common = {
  connection: z.string(),
  provider: z.string(),
  /** The account that the operation was made at (`accounts.ts`); null if it is not known yet, or if an older version wrote the operation. */
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
  /** The number of changing calls begun so far. */
  attempts: z.int().nonnegative(),
  /** Why the outcome is what it is, as a stable code. */
  detail: z.string(),
  /** The provider's words without personal data; null unless it refused. */
  words: z.nullable(z.string()),
  timeline: z.array(timelineEntry.loose()),
  /** Grows by one with every write. Together with `owner`, it fences off other writers. */
  version: z.int().positive(),
  /** The last writer: unique for every function invocation. */
  owner: z.string(),
  /** The provider's mark of the order's history before the last ask; null if there is none or it is not known. */
  historyMark: z.nullable(z.string()),
  /** The order's last confirmed operation when this one was opened (`succession.ts`). */
  lastConfirmed: z
    .nullable(z.looseObject({ kind: z.enum(OPERATION_KINDS), number: z.int().positive(), doneAt: z.nullable(instant) }))
    .default(null),
  /** The order without personal data, if it was shown: before the ask for a delete, at the confirmation for a cancel. */
  snapshot: z.nullable(storedSnapshotSchema).default(null),
};

const open = {
  ...common,
  /** When the settler looks next. It is the sort key of a sparse index, so only open operations have it. */
  dueAt: instant,
  /** Until when `owner` may work on the operation; null if nobody works on it. */
  leaseUntil: z.nullable(instant),
  askReach: z.enum(REACHES),
  /** When the last ask began. */
  askedAt: instant,
  /** The latest moment at which the last ask can have been on its way. The quiet period starts here. Null before the first ask. */
  lastAskEndedAt: z.nullable(instant),
  /** The number of asks whose answers got lost. Missing in operations from before this was counted: all their asks count as lost. */
  lostAsks: z.optional(z.int().nonnegative()),
  /** The number of looks since the last ask, none of which settled the operation. It sets the back-off. */
  looksSinceAsk: z.int().nonnegative(),
};

const settled = {
  ...common,
  settledAt: instant,
  evidence: evidence.loose(),
  /** Until when a lost ask may still take effect although the order is already as wanted; null if none can. */
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

/** Members of a ledger item that a newer version of the code wrote and this version does not know, in DynamoDB's own form. */
interface Kept {
  readonly unknownMembers?: Readonly<Record<string, unknown>>;
}
export type Operation = z.infer<typeof operationSchema> & Kept;
export type OperationState = Operation['state'];
export type OpenOperation = Exclude<Operation, { state: 'confirmed' | 'refused' }>;

export function isOpen(operation: Operation): operation is OpenOperation {
  return operation.state !== 'confirmed' && operation.state !== 'refused';
}

/** Whether a rule opened the operation. A rule may stop meaning its order, so its ask is repeated only while the rule still means it. */
export function mayBeWithdrawn({ trigger }: Pick<Operation, 'trigger'>): boolean {
  return trigger === 'schedule';
}

/** Whether an invocation is working on the operation now. */
export function isLeased({ leaseUntil }: OpenOperation, now: number): boolean {
  return leaseUntil !== null && Date.parse(leaseUntil) > now;
}

export type Evidence = z.infer<typeof evidence>;
export type TimelineEntry = z.infer<typeof timelineEntry>;

/**
 * The allowed moves. `calling` is entered only before a socket is opened. `confirmed` and `refused` are final. A parked operation is
 * never asked again, but a late proof still settles it.
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

/** Seconds until polling is worthwhile: at most 60, since an operation may be settled before it is due; 0 once it is settled. */
export function secondsUntilDue(operation: Operation, now: number): number {
  if (!isOpen(operation)) return 0;
  return Math.min(60, Math.max(1, Math.ceil((Date.parse(operation.dueAt) - now) / 1000) + 1));
}

/** How many more milliseconds the provider may still act on a lost ask of a settled operation. */
export function mayActFor(operation: Operation, now: number): number {
  if (isOpen(operation) || operation.mayActUntil === null) return 0;
  return Math.max(0, Date.parse(operation.mayActUntil) - now);
}

/** `detail` of a confirmed operation. `done`: our ask did it. `already`: the order was already as wanted. */
export const CONFIRMED_DETAILS = {
  cancel: { done: 'cancelled', already: 'already_cancelled' },
  restore: { done: 'restored', already: 'already_active' },
  delete: { done: 'deleted', already: 'already_deleted' },
} as const satisfies Record<OperationKind, { done: string; already: string }>;
export type ConfirmedDetail = (typeof CONFIRMED_DETAILS)[OperationKind]['done' | 'already'];
