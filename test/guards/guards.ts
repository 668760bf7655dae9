/**
 * What keeps the promises, and what the code would be without it. Each edit is applied to a copy of the source, where its `text`
 * must stand exactly once; then `judge`'s test of the name `noticedBy` must turn red.
 */
export interface Guard {
  readonly name: string;
  readonly edits: readonly { readonly file: string; readonly text: string; readonly without: string }[];
  readonly judge: string;
  readonly noticedBy: string;
}

const ACCOUNTS = 'functions/operations/accounts.ts';
const LEDGER = 'functions/operations/ledger/ledger.ts';
const PERFORM = 'functions/operations/perform.ts';
const SETTLE = 'functions/operations/settle.ts';
const FENCE = "ConditionExpression: '#owner = :owner AND #version = :version'";

export const GUARDS: readonly Guard[] = [
  {
    name: 'owner fence',
    edits: [
      {
        file: LEDGER,
        text: FENCE,
        without: "ConditionExpression: '(#owner = :owner OR attribute_exists(#owner)) AND #version = :version'",
      },
    ],
    judge: 'test/operations/ledger/ledger.test.ts',
    noticedBy:
      'keeps what an earlier operation writes late from the order’s next one, though both are at the same version',
  },
  {
    name: 'version',
    edits: [
      {
        file: LEDGER,
        text: FENCE,
        without: "ConditionExpression: '#owner = :owner AND (#version = :version OR attribute_exists(#version))'",
      },
    ],
    judge: 'test/operations/ledger/ledger.test.ts',
    noticedBy: 'keeps a write that arrives a second time, late, from undoing the next one of the same owner',
  },
  {
    name: 'lease: nobody else takes the order while it is held',
    edits: [
      { file: PERFORM, text: 'dueAt: leaseUntil,', without: 'dueAt: new Date(needs.clock.now()).toISOString(),' },
    ],
    judge: 'test/operations/settle.test.ts',
    noticedBy: 'is unknown once its lease is over, is read back, and its quiet period counts from the end of the lease',
  },
  {
    name: 'lease: a call ends while it is held',
    edits: [
      { file: 'functions/operations/ask.ts', text: 'Math.min(remainingMs(), leaseLeftMs)', without: 'remainingMs()' },
    ],
    judge: 'test/operations/perform.test.ts',
    noticedBy: 'is not sent when its container was paused until the lease was nearly over',
  },
  {
    name: 'quiet period',
    edits: [
      {
        file: SETTLE,
        text: 'return Date.parse(operation.lastAskEndedAt) + connection.quietPeriodMs + needs.clockSkewMs;',
        without: 'return 0;',
      },
    ],
    judge: 'test/operations/settle.test.ts',
    noticedBy: 'begins anew with each ask',
  },
  {
    name: 'read-back before a second call',
    edits: [
      {
        file: SETTLE,
        text: 'const seen = await readBack(take, connection, needs, remainingMs(), { madeAfter: provenFrom });',
        without:
          "const seen: LookUpReply = { kind: 'not_cancelled', order: { status: '', warnings: [], personalData: [] }, refusal: null, mark: null };",
      },
    ],
    judge: 'test/operations/settle.test.ts',
    noticedBy: 'is not made when the look shows that the order is cancelled by now',
  },
  {
    name: 'age of what a cache shows',
    edits: [
      {
        file: 'functions/providers/freshness.ts',
        text: "if (earliest < (isExact ? madeAfter : sentAt)) return 'stale';",
        without: "if (earliest < 0) return 'stale';",
      },
    ],
    judge: 'test/simulation/stale-reads.test.ts',
    noticedBy: 'makes nobody ask twice: estoka',
  },
  {
    name: 'date of what a cache shows',
    edits: [
      {
        file: 'functions/providers/freshness.ts',
        text: "return date !== null && date + lagMs < earliestDate ? 'doubtful' : 'fresh';",
        without: "return date !== null && date + lagMs < 0 && earliestDate > 0 ? 'doubtful' : 'fresh';",
      },
    ],
    judge: 'test/simulation/stale-reads.test.ts',
    noticedBy: 'makes nobody ask twice: ngorder',
  },
  {
    name: 'proof that nothing was done, made after the quiet period',
    edits: [
      {
        file: SETTLE,
        text: '(quiet ? connection.quietPeriodMs : 0)',
        without: '(quiet ? 0 : 0)',
      },
    ],
    judge: 'test/operations/settle.test.ts',
    noticedBy: 'after the end of the ask, and after its quiet period to prove that it had no effect',
  },
  {
    name: 'recognition of one’s own write',
    edits: [
      {
        file: LEDGER,
        text: 'return found.owner === written.owner && found.version === written.version && found.number === written.number;',
        without: 'return false;',
      },
    ],
    judge: 'test/operations/perform.test.ts',
    noticedBy: 'recognises a plain claim of its own whose reply was lost',
  },
  {
    name: 'fingerprint of a key',
    edits: [{ file: PERFORM, text: 'if (claim.bound.fingerprint !== key?.fingerprint)', without: 'if (key === null)' }],
    judge: 'test/operations/perform.test.ts',
    noticedBy: 'that comes back with another ask is refused, and nothing is called',
  },
  {
    name: 'deadline budget',
    edits: [
      {
        file: 'functions/operations/budget.ts',
        text: 'const timeout = Math.min(connectionTimeoutMs, remainingMs - LEDGER_WRITE_MS);',
        without: 'const timeout = connectionTimeoutMs;',
      },
    ],
    judge: 'test/operations/perform.test.ts',
    noticedBy: 'is not sent when too little time is left, and stays pending',
  },
  {
    name: '`calling` before the socket: the first ask',
    edits: [
      {
        file: PERFORM,
        text: 'let claim = await orLedgerUnavailable(() => needs.ledger.claim(opening, key));',
        without:
          "let claim: Claim = { kind: 'claimed', operation: opening };\n  setTimeout(() => void needs.ledger.claim(opening, key).catch(() => undefined), 100);",
      },
    ],
    judge: 'test/operations/perform.test.ts',
    noticedBy: 'is written as calling before the provider is called',
  },
  {
    name: '`calling` before the socket: the next ask',
    edits: [
      {
        file: SETTLE,
        text: 'const begun = await needs.ledger.write(take, again);',
        without: "const begun = await Promise.resolve({ kind: 'written' });",
      },
    ],
    judge: 'test/operations/settle.test.ts',
    noticedBy: 'writes calling before the provider is asked again',
  },
  {
    name: 'provider’s own voice',
    edits: [
      {
        file: 'functions/providers/voice.ts',
        text: 'const isNo = json !== undefined && (result.contentType === null || isJsonType(result)) && saysNo(json);',
        without: 'const isNo = saysNo(json) || status >= 400;',
      },
    ],
    judge: 'test/simulation/foreign-replies.test.ts',
    noticedBy: 'and is carried out a moment later, is never called refused (estoka)',
  },
  {
    name: 'pause after an outage',
    edits: [
      {
        file: 'functions/operations/outage.ts',
        text: 'if (!isOutage(reply)) return;',
        without: 'if (pauseAfter.length > 0) return;',
      },
    ],
    judge: 'test/operations/outage.test.ts',
    noticedBy: 'keeps the next asks waiting, written down and without a call, until the pause is over',
  },
  {
    name: 'no call with a rejected credential',
    edits: [
      {
        file: 'functions/operations/standing.ts',
        text: 'if (state.credentialDigest === connection?.credentialDigest)',
        without: 'if (Date.now() < 0 && connection !== undefined)',
      },
    ],
    judge: 'test/operations/settle-due.test.ts',
    noticedBy:
      'makes no call for a connection whose credential stands rejected, and resumes when another one is stored',
  },
  {
    name: 'end of asking after two replies of an unknown shape',
    edits: [
      { file: SETTLE, text: 'if (quiet && isUnknownTwice(operation))', without: 'if (quiet && !isUnknownTwice)' },
    ],
    judge: 'test/operations/outage.test.ts',
    noticedBy: 'twice, each followed by a read-back that shows the order active, is left to a person',
  },
  {
    name: 'read for a payment just before an automatic cancel',
    edits: [
      {
        file: 'functions/operations/unpaid/cancel-unpaid.ts',
        text: 'const vetoes = vetoesOf(order, rule, needs.clock.now());',
        without: 'const vetoes: ReturnType<typeof vetoesOf> = [];',
      },
    ],
    judge: 'test/operations/unpaid/cancel-unpaid.test.ts',
    noticedBy: 'are spared when a payment comes in after they were listed',
  },
  {
    name: 'read for a payment before it is asked again',
    edits: [
      {
        file: SETTLE,
        text: "if (verdict.kind !== 'ask_again' || !mayBeWithdrawn(operation)) return verdict;",
        without: 'if (Date.now() > 0) return verdict;',
      },
    ],
    judge: 'test/operations/unpaid/vetoes.test.ts',
    noticedBy: 'asks no more when the order was paid meanwhile, and ends it',
  },
  {
    name: 'taking over of what a rule asked for',
    edits: [
      {
        file: 'functions/operations/perform.ts',
        text: 'const previous = await takeOverFromRule(claim.current, command, needs);',
        without: 'const previous = claim.current;',
      },
    ],
    judge: 'test/operations/unpaid/vetoes.test.ts',
    noticedBy: 'is theirs from then on, and is not spared, when who asks waits for the answer',
  },
  {
    name: 'first operation of an order, for automation',
    edits: [
      {
        file: 'functions/operations/unpaid/cancel-unpaid.ts',
        text: '{ ...needs, ledger: openingOnly(needs.ledger) }',
        without: 'needs',
      },
    ],
    judge: 'test/operations/unpaid/cancel-unpaid.test.ts',
    noticedBy: 'lets an order be that got an operation since the ledger was asked for one, and even ended it',
  },
  {
    name: 'one name for an account',
    edits: [
      {
        file: ACCOUNTS,
        text: "ConditionExpression: 'attribute_not_exists(#connection) OR #holder = :name'",
        without:
          "ConditionExpression: 'attribute_not_exists(#connection) OR #holder = :name OR attribute_exists(#connection)'",
      },
    ],
    judge: 'test/operations/accounts.test.ts',
    noticedBy: 'gets no second name from a container that saw it free and writes late',
  },
  {
    name: 'one account for a name',
    edits: [
      {
        file: ACCOUNTS,
        text: 'if (record !== null && !record.places.some((place) => places.includes(place)))',
        without: 'if (record !== null && places.length === 0)',
      },
    ],
    judge: 'test/operations/accounts.test.ts',
    noticedBy: 'answers nothing of what was done at the earlier one, and asks nothing: estoka',
  },
  {
    name: 'account of an operation',
    edits: [{ file: SETTLE, text: 'if (!(await needs.accounts.isOwn(take))) {', without: 'if (Date.now() < 0) {' }],
    judge: 'test/operations/accounts.test.ts',
    noticedBy: 'that was kept for an account is not asked at another one that got the name before it was asked',
  },
  {
    name: 'owner of its own for each invocation',
    edits: [
      { file: 'functions/assembly/parts.ts', text: 'newOwner: randomUUID,', without: 'newOwner: once(randomUUID),' },
    ],
    judge: 'test/assembly/environment.test.ts',
    noticedBy: 'of operations are new for each invocation of a container',
  },
  {
    name: 'quiet period that is over when the look begins',
    edits: [
      {
        file: SETTLE,
        text: 'const proven = verdictOf(take, seen, quiet, connection, needs);',
        without:
          'const proven = verdictOf(take, seen, isQuiet(take, connection, needs, needs.clock.now()), connection, needs);',
      },
    ],
    judge: 'test/operations/settle.test.ts',
    noticedBy: 'has to be over when a look begins, however long the look takes',
  },
  {
    name: 'time that connecting took',
    edits: [
      {
        file: 'functions/providers/http-exchange.ts',
        text: 'if (remainingMs <= 0) {',
        without: 'if (Number.isNaN(remainingMs)) {',
      },
    ],
    judge: 'test/providers/http-client.test.ts',
    noticedBy: 'is surely not sent where connecting has used the time up',
  },
  {
    name: 'reading of a list to its end',
    edits: [
      {
        file: 'functions/providers/ngorder/lists.ts',
        text: 'for (let page = 1; ; page += 1) {',
        without: "for (let page = 1; ; page += 1) {\n    if (page > 20) return { kind: 'absent' };",
      },
    ],
    judge: 'test/providers/ngorder/look-up.test.ts',
    noticedBy: 'finds an order on the last of thirty pages, and says that it is nowhere only behind that',
  },
];
