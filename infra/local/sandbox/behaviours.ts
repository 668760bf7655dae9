/** What the provider does to the order. To act is to do what the ask wants. Late deeds are done some seconds after the ask. */
export type Deed = 'nothing' | 'act' | 'act_late' | 'decide_then_act' | 'decide_then_reject';

/** How the provider answers the ask. `as_usual`: as fits the order's state and the deed. */
export type Manner =
  | 'as_usual'
  | 'hang'
  | 'reset'
  | 'server_error'
  | 'limit_with_retry_after'
  | 'limit'
  | 'reject_credential'
  | 'refuse'
  | 'failure_body'
  | 'html_page'
  | 'waf_page'
  | 'page_401'
  | 'edge_status'
  | 'gateway_json'
  | 'truncate'
  | 'other_order';

interface Conduct {
  readonly deed: Deed;
  readonly manner: Manner;
  /** How many asks it applies to, counted from when the behaviour was set. After them the order is cancelled like any other. */
  readonly asks: number;
  readonly sentence: string;
}

export interface Behaviour extends Conduct {
  /** The order that has the behaviour at first, at both providers. */
  readonly orderId: string;
  readonly behaviour: string;
  /** ngorder's conduct, if it differs: ngorder has no state for a cancellation that is being decided. */
  readonly ngorder?: Conduct;
}

/** How long a late deed takes. It must be shorter than the sandbox connections' quiet period, or there could be two effects. */
export const LATE_SECONDS = 3;
export const RETRY_AFTER_SECONDS = 2;

const ALWAYS = Infinity;

/** How each order misbehaves. Reading an order back always works, so every operation can be settled. */
export const BEHAVIOURS: readonly Behaviour[] = [
  {
    orderId: '9001',
    behaviour: 'acts_then_hangs',
    deed: 'act',
    manner: 'hang',
    asks: 1,
    sentence: 'Cancels the order and never answers.',
  },
  {
    orderId: '9002',
    behaviour: 'hangs_without_acting',
    deed: 'nothing',
    manner: 'hang',
    asks: 1,
    sentence: 'Never answers the first ask, and does nothing; the next ask works.',
  },
  {
    orderId: '9003',
    behaviour: 'acts_then_resets',
    deed: 'act',
    manner: 'reset',
    asks: 1,
    sentence: 'Cancels the order and cuts the connection.',
  },
  {
    orderId: '9004',
    behaviour: 'acts_then_500',
    deed: 'act',
    manner: 'server_error',
    asks: 1,
    sentence: 'Cancels the order and answers 500.',
  },
  {
    orderId: '9005',
    behaviour: 'limits_with_retry_after',
    deed: 'nothing',
    manner: 'limit_with_retry_after',
    asks: 2,
    sentence: `Answers the first two asks with 429 and Retry-After: ${RETRY_AFTER_SECONDS}; the next ask works.`,
  },
  {
    orderId: '9006',
    behaviour: 'limits',
    deed: 'nothing',
    manner: 'limit',
    asks: 2,
    sentence: 'Answers the first two asks with 429 and no Retry-After; the next ask works.',
  },
  {
    orderId: '9007',
    behaviour: 'rejects_credential',
    deed: 'nothing',
    manner: 'reject_credential',
    asks: ALWAYS,
    sentence:
      'Rejects the credential of the first ask with 401, for that ask and for every later call; works as soon as the connection has another credential.',
  },
  {
    orderId: '9008',
    behaviour: 'refuses',
    deed: 'nothing',
    manner: 'refuse',
    asks: ALWAYS,
    sentence: 'Always refuses, with a reason.',
  },
  {
    orderId: '9009',
    behaviour: 'pending_then_completes',
    deed: 'decide_then_act',
    manner: 'as_usual',
    asks: 1,
    sentence: `Takes the ask, and cancels the order ${LATE_SECONDS} seconds later.`,
    ngorder: {
      deed: 'act_late',
      manner: 'server_error',
      asks: 1,
      sentence: `Answers 500, and cancels the order ${LATE_SECONDS} seconds later.`,
    },
  },
  {
    orderId: '9010',
    behaviour: 'pending_then_rejects',
    deed: 'decide_then_reject',
    manner: 'as_usual',
    asks: ALWAYS,
    sentence: `Takes the ask, and refuses it ${LATE_SECONDS} seconds later.`,
    ngorder: {
      deed: 'act_late',
      manner: 'server_error',
      asks: 1,
      sentence: `Answers 500, and cancels the order ${LATE_SECONDS} seconds later.`,
    },
  },
  {
    orderId: '9011',
    behaviour: 'failure_body',
    deed: 'nothing',
    manner: 'failure_body',
    asks: ALWAYS,
    sentence: 'Always answers 200 with a body that says that the ask failed.',
  },
  {
    orderId: '9012',
    behaviour: 'html_page',
    deed: 'nothing',
    manner: 'html_page',
    asks: 1,
    sentence: 'Answers the first ask with an HTML page and 200, and does nothing; the next ask works.',
  },
  {
    orderId: '9013',
    behaviour: 'resets_without_acting',
    deed: 'nothing',
    manner: 'reset',
    asks: 1,
    sentence: 'Cuts the connection of the first ask, and does nothing; the next ask works.',
  },
  {
    orderId: '9014',
    behaviour: '500_without_acting',
    deed: 'nothing',
    manner: 'server_error',
    asks: 1,
    sentence: 'Answers the first ask with 500, and does nothing; the next ask works.',
  },
  {
    orderId: '9015',
    behaviour: 'acts_late',
    deed: 'act_late',
    manner: 'reset',
    asks: 1,
    sentence: `Cuts the connection, and cancels the order ${LATE_SECONDS} seconds later.`,
  },
  {
    orderId: '9016',
    behaviour: 'acts_then_truncates',
    deed: 'act',
    manner: 'truncate',
    asks: 1,
    sentence: 'Cancels the order and answers 200 with half of the JSON.',
  },
  {
    orderId: '9017',
    behaviour: 'answers_of_another_order',
    deed: 'nothing',
    manner: 'other_order',
    asks: 1,
    sentence: 'Answers the first ask with 200 and another order, and does nothing; the next ask works.',
  },
  {
    orderId: '9018',
    behaviour: 'waf_page',
    deed: 'nothing',
    manner: 'waf_page',
    asks: 1,
    sentence:
      'A firewall answers the first ask with a page and 403, and the provider never receives it; the next ask works.',
  },
  {
    orderId: '9019',
    behaviour: 'edge_status_then_acts',
    deed: 'act_late',
    manner: 'edge_status',
    asks: 1,
    sentence: `A proxy gives up the ask with an empty 499, and the order is cancelled ${LATE_SECONDS} seconds later.`,
  },
  {
    orderId: '9020',
    behaviour: 'gateway_json',
    deed: 'nothing',
    manner: 'gateway_json',
    asks: ALWAYS,
    sentence: 'A gateway always answers with its own JSON and 403: after the second ask a person has to look.',
  },
  {
    orderId: '9021',
    behaviour: 'page_401',
    deed: 'nothing',
    manner: 'page_401',
    asks: 1,
    sentence:
      'A firewall answers the first ask with a page and 401, which says nothing about the credential; the next ask works.',
  },
];

const USUAL: Conduct = { deed: 'act', manner: 'as_usual', asks: ALWAYS, sentence: 'Cancels the order and says so.' };

export function isBehaviour(name: string): boolean {
  return BEHAVIOURS.some(({ behaviour }) => behaviour === name);
}

/** Returns a provider's conduct on the `ask`-th ask (from 1) since the behaviour was set. */
export function conductOf(provider: 'estoka' | 'ngorder', behaviour: string | null, ask: number): Conduct {
  const set = BEHAVIOURS.find((candidate) => candidate.behaviour === behaviour);
  if (set === undefined) return USUAL;
  const conduct = provider === 'ngorder' ? (set.ngorder ?? set) : set;
  return ask <= conduct.asks ? conduct : USUAL;
}
