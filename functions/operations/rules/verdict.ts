/**
 * How an ask would end. `would`: the provider would be asked, and nothing in the order suggests a refusal. `likely_refused`: the provider
 * would be asked, and a warning says why it will probably refuse. `would_not`: the provider would not be asked.
 */
export const VERDICTS = ['would', 'likely_refused', 'would_not'] as const;
export type Verdict = (typeof VERDICTS)[number];
