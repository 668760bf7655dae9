/** A call that told nothing of the order. */
export type CallFailure =
  | { readonly kind: 'credential_rejected' }
  | { readonly kind: 'rate_limited'; readonly retryAfterMs: number | null }
  /** The request surely never reached the provider: no connection was made. */
  | { readonly kind: 'not_sent'; readonly problem: NotSentProblem }
  /** The request may have been acted upon; what came of it is not known. */
  | {
      readonly kind: 'lost';
      readonly problem: LostProblem;
      /** The HTTP status of a `foreign_reply` or an `unknown_reply`. */
      readonly status?: number;
    };

export type NotSentProblem = 'provider_unreachable';
/**
 * `foreign_reply`: a page, an empty body, or a status that something before the provider writes; the whole connection is taken for out of order.
 * `unknown_reply`: JSON in a shape that is not known to be the provider's; it may be a genuine no.
 */
export type LostProblem =
  | 'timed_out'
  | 'connection_cut'
  | 'provider_error'
  | 'foreign_reply'
  | 'unknown_reply'
  | 'unreadable_reply'
  /** What came back shows that it was made before what it would have to prove. */
  | 'stale_reply'
  /** What would have to be read to tell is more than one look can read. */
  | 'look_up_too_large'
  | 'wrong_order';
