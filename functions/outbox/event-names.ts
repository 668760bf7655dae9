/** The events on the bus, by their `detail-type`: each outcome of an operation, and a contradiction. */
export const EVENT_NAMES = [
  'OrderOperationConfirmed',
  'OrderOperationRefused',
  'OrderOperationUnknown',
  'OrderOperationNeedsAttention',
  'OrderContradictionFound',
] as const;
export type EventName = (typeof EVENT_NAMES)[number];
