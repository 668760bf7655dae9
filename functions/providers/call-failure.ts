/** A call that proved nothing about the order. */
export type CallFailure =
  | { readonly kind: 'credential_rejected' }
  | { readonly kind: 'rate_limited'; readonly retryAfterMs: number | null }
  /** The request surely never reached the provider: no connection was made. */
  | { readonly kind: 'not_sent'; readonly problem: NotSentProblem }
  /** The request may have taken effect; its result is not known. */
  | {
      readonly kind: 'lost';
      readonly problem: LostProblem;
      /** The HTTP status of a `foreign_reply` or an `unknown_reply`. */
      readonly status?: number;
    };

export type NotSentProblem = 'provider_unreachable';
/**
 * `foreign_reply`: a page, an empty body, or a status written by something in front of the provider. The whole connection is
 * treated as down. `unknown_reply`: JSON in a shape that is not known to be the provider's; it may be a genuine refusal.
 */
export type LostProblem =
  | 'timed_out'
  | 'connection_cut'
  | 'provider_error'
  | 'foreign_reply'
  | 'unknown_reply'
  | 'unreadable_reply'
  /** The reply was made too early to prove anything. */
  | 'stale_reply'
  /** Finding the order would take more reading than one look-up allows. */
  | 'look_up_too_large'
  | 'wrong_order';
