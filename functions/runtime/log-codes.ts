/** The catalogue of what functions log: stable codes for alarms and searches. Each sentence says when its code is written. */
export const LOG_CODES = {
  REQUEST_ANSWERED: 'An HTTP request was answered.',
  REQUEST_FAILED: 'An HTTP request was answered with a 5xx. The entry holds the error.',
  ACCESS_TOKENS_UNAVAILABLE: 'The access tokens could not be read, so a caller was turned away.',
  PROVIDER_REPLIED: 'A provider answered a request. The status may be any.',
  PROVIDER_NOT_REACHED: 'No connection to a provider could be made.',
  PROVIDER_REPLY_LOST: 'A request may have reached a provider, but its reply never arrived, or not all of it.',
  PROVIDER_REPLY_STALE:
    "A provider's reply is older than the change that it would have to prove, so it proves nothing. A cache on the way may have answered.",
  PROVIDER_REPLY_UNREADABLE:
    "A provider's reply has an unknown shape. The entry says where it differs from the schema and shows none of the reply's values.",
  PROVIDER_STATUS_UNKNOWN:
    'A provider shows an order status that is not known here. Each container logs a status only once.',
  PROVIDER_STATUS_UNCLEAR:
    "An order's status speaks of cancelling but is not the provider's word for it. It proves nothing; a person may have to look.",
  CONNECTION_NEEDS_REAUTH:
    "A provider rejects a connection's credential. No more calls are made for the connection until another credential is stored.",
  PROVIDER_SUPPLANTED: 'A web page, an empty reply or a proxy answered an ask or a look-up in place of the provider.',
  CONNECTION_PAUSED:
    'A connection is paused for at most a minute because something else answered in place of its provider. Meanwhile none of its orders is asked for or looked up.',
  CONNECTION_TURNED_AWAY:
    'A connection is not used, because its account has another name or its name another account. The entry says what to do.',
  CONNECTION_HEALTH_NOT_WRITTEN:
    "A rejected credential or a pause could not be recorded. The connection's next call finds it out again.",
  CONNECTION_NOT_OPENED: "A connection's credential or health could not be read, so its provider was not called.",
  ORIGINAL_NOT_READ:
    'A reply was sent without the order as its provider writes it, because the order could not be read. The entry holds the error.',
  OPERATION_MOVED: 'An operation took a step of its life.',
  OPERATION_NEEDS_ATTENTION: 'An operation was parked. A person has to look.',
  CANCEL_SEEN: 'An order was cancelled outside Countermand. The ledger now has a note of it.',
  WEBHOOK_REFUSED: 'A request to a webhook did not prove its sender, or was too old.',
  WEBHOOK_IGNORED: 'A webhook was acknowledged and nothing was done, because it asks for nothing. The entry says why.',
  WEBHOOK_ORDER_ID_MISSING:
    "A shop cancelled an order, but no provider's order id was found in it. A person has to cancel the order at the provider.",
  WEBHOOK_ORDER_ID_NOT_SEARCHED:
    "A shop cancelled an order, but its text is too long to search for the provider's order id. A person has to cancel the order at the provider.",
  LEDGER_WRITE_FAILED: 'The result of a provider call could not be written. The settler will find it out again.',
  LEDGER_WRITE_REFUSED:
    'The ledger did not take everything that a provider said about an operation. The outcome was written without the rest.',
  SETTLE_RUN_ENDED: 'A settling run ended. The entry sums up its results.',
  OPERATIONS_UNREADABLE:
    'The ledger holds operations that this version of the code cannot read. They are left alone. Deploy the version that wrote them.',
  SETTLE_FAILED: 'Settling one operation failed. A later run tries again.',
  SETTLE_CONNECTION_FAILED: 'Settling the operations of one connection failed. A later run tries again.',
  COMMAND_PUT_OFF: 'A queued command could not be carried out now. It will be delivered again.',
  COMMAND_BURIED:
    'A queued command can never work, or failed in every delivery. It is in the dead-letter queue. The entry says why.',
  COMMAND_FAILED:
    'A queued command failed, and could not be put off or buried either. It comes back when its visibility time-out is over.',
  OUTCOME_UNREADABLE:
    'A change of the ledger could not be turned into an event. The dead-letter queue of outcomes says which change.',
  OUTCOMES_NOT_PUBLISHED: 'The event bus did not take an outcome. It is published again, and later ones wait for it.',
  TASK_ANSWERED: 'A waiting task was sent the outcome of its operation.',
  TASK_GONE: 'A waiting task ended before its operation did, so nobody receives the outcome.',
  TASK_BURIED:
    'A waiting task can never receive its outcome. The entry says why; a message about it is in the dead-letter queue of outcomes.',
  TASK_NOT_ANSWERED: 'A waiting task could not be sent its outcome. It will be sent again.',
  CONTRADICTION_FOUND:
    'An order that is confirmed as cancelled is active, shipped or gone at its provider. A person has to look.',
  CONTRADICTION_NOT_PUBLISHED: 'The event bus did not take the event of a contradiction, so its subscribers missed it.',
  WATCH_FAILED:
    'The confirmed cancels of one connection could not be read back, or some contradictions could not be published. The next run reads them again.',
  WATCH_RUN_ENDED: 'A run of the contradiction watch ended. The entry sums up its results.',
  UNPAID_ORDER_PLANNED: 'A dry run would cancel an order that nobody has paid.',
  UNPAID_ORDER_SPARED: 'An order that was listed as unpaid was read once more and left alone. The entry says why.',
  UNPAID_RUN_ENDED: 'A run over the unpaid orders of one connection ended. The entry sums up its results.',
  UNPAID_RUN_FAILED: 'A run over the unpaid orders of one connection failed. The next run tries again.',
  EXPORT_STARTED: 'An export runs in the background, because it is a daily one or too large to answer at once.',
  EXPORT_FINISHED: 'The workbook of an export is in the bucket.',
  EXPORT_FAILED: 'An export was given up. The entry says why.',
  EXPORT_STEP_FAILED: 'A step of an export failed. It is tried again.',
} as const;

export type LogCode = keyof typeof LOG_CODES;
