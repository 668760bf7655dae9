/** The catalogue of what functions log: stable codes, for alarms and searches, and when each is written. */
export const LOG_CODES = {
  REQUEST_ANSWERED: 'An HTTP request was answered.',
  REQUEST_FAILED: 'An HTTP request was answered with a 5xx, and why.',
  ACCESS_TOKENS_UNAVAILABLE: 'Access tokens could not be read, so a caller was turned away.',
  PROVIDER_REPLIED: 'A provider answered a request, with whatever status.',
  PROVIDER_NOT_REACHED: 'No connection to a provider was made.',
  PROVIDER_REPLY_LOST: 'A request may have reached a provider, and its whole reply never came.',
  PROVIDER_REPLY_STALE:
    "A provider's reply shows that it was made before what it would have to prove, so it proves nothing.",
  PROVIDER_REPLY_UNREADABLE:
    "A provider answered in a shape that is not known; where in the schema, without the reply's values.",
  PROVIDER_STATUS_UNKNOWN: 'A provider shows a status that is not known; told once by each container.',
  PROVIDER_STATUS_UNCLEAR:
    'A provider shows a status that speaks of cancelling and is not its word for it: it proves nothing, and a person may have to look.',
  CONNECTION_NEEDS_REAUTH:
    "A provider rejects a connection's credential; no more calls are made for it until another one is stored.",
  PROVIDER_SUPPLANTED: 'A page, an empty reply or an edge answered in the place of a provider, to an ask or a look.',
  CONNECTION_PAUSED:
    'The same, for an order that it was not paused for lately: for a while none of its orders is asked for.',
  CONNECTION_TURNED_AWAY:
    'A connection is not used, because its account has another name or its name another account; and what to do.',
  CONNECTION_HEALTH_NOT_WRITTEN:
    'That a credential was rejected, or a connection paused, could not be kept; its next call finds it out again.',
  CONNECTION_NOT_OPENED: "A connection's credential or health could not be read, so its provider was not called.",
  ORIGINAL_NOT_READ:
    'An answer was given without the order as its provider writes it, which could not be read; and why.',
  OPERATION_MOVED: 'An operation took a step of its life.',
  OPERATION_NEEDS_ATTENTION: 'An operation was parked: a person has to look.',
  CANCEL_SEEN: 'An order was cancelled outside of here; that was noted in the ledger.',
  WEBHOOK_REFUSED: 'A request to a webhook did not prove its sender, or was too old.',
  WEBHOOK_IGNORED: 'A webhook was acknowledged and nothing was done, as it says nothing to act on; and why.',
  WEBHOOK_ORDER_ID_MISSING:
    "A shop cancelled an order in which no provider's order id was found: a person has to cancel it at the provider.",
  WEBHOOK_ORDER_ID_NOT_SEARCHED:
    "A shop cancelled an order whose text was too much to be searched for the provider's order id: a person has to cancel it at the provider.",
  LEDGER_WRITE_FAILED: 'What came of a call could not be written; the settler will find it out again.',
  LEDGER_WRITE_REFUSED:
    'The ledger did not take all that a provider told of an operation; its outcome was written without the rest.',
  SETTLE_RUN_ENDED: 'A settling run ended; what it came to.',
  OPERATIONS_UNREADABLE:
    'The ledger holds operations that this version of the code cannot read; they are left alone. Deploy the version that wrote them.',
  SETTLE_FAILED: 'Settling one operation failed; a later run takes it up.',
  SETTLE_CONNECTION_FAILED: 'Settling the operations of one connection failed; a later run takes them up.',
  COMMAND_PUT_OFF: 'A queued command did not work now; it is delivered again.',
  COMMAND_BURIED: 'A queued command can never work, or did not in many deliveries; it lies in the dead-letter queue.',
  COMMAND_FAILED: 'A queued command could not even be put off; it comes back when its visibility time-out is over.',
  OUTCOME_UNREADABLE:
    'A change of the ledger could not be made an event of; it lies in the dead-letter queue of outcomes.',
  OUTCOMES_NOT_PUBLISHED: 'The event bus did not take an outcome; it is published again, and later ones wait for it.',
  TASK_ANSWERED: 'A waiting task was told the outcome of its operation.',
  TASK_GONE: 'A waiting task was over before its operation was; nobody is told.',
  TASK_BURIED:
    'A waiting task can never be told the outcome, and why; word of it lies in the dead-letter queue of outcomes.',
  TASK_NOT_ANSWERED: 'A waiting task could not be told the outcome; it is told again.',
  CONTRADICTION_FOUND:
    'An order that is confirmed as cancelled is active, shipped or gone at its provider: a person has to look.',
  CONTRADICTION_NOT_PUBLISHED:
    'The event bus did not take word of a contradiction: whoever listens there was not told.',
  WATCH_FAILED:
    'The confirmed cancels of one connection could not be read back, or not all that was found was published; the next run reads them.',
  WATCH_RUN_ENDED: 'A run of the contradiction watch ended; what it came to.',
  UNPAID_ORDER_PLANNED: 'A dry run would cancel an order that nobody has paid.',
  UNPAID_ORDER_SPARED: 'An order that was listed as unpaid was read once more and let be, and why.',
  UNPAID_RUN_ENDED: 'The unpaid orders of one connection were gone through; what it came to.',
  UNPAID_RUN_FAILED: 'The unpaid orders of one connection could not be gone through; the next run takes them up.',
  EXPORT_STARTED: 'An export was too large to be answered at once, or is a daily one; it is worked on apart.',
  EXPORT_FINISHED: 'The workbook of an export lies in the bucket.',
  EXPORT_FAILED: 'An export was given up, and why.',
  EXPORT_STEP_FAILED: 'A step of an export failed; it is tried again.',
} as const;

export type LogCode = keyof typeof LOG_CODES;
