/**
 * What an ask would come to. `would`: the provider would be asked, and nothing that is seen speaks for a refusal. `likely_refused`: it
 * would be asked, and a warning says why it will likely refuse. `would_not`: it would not be asked.
 */
export const VERDICTS = ['would', 'likely_refused', 'would_not'] as const;
export type Verdict = (typeof VERDICTS)[number];
