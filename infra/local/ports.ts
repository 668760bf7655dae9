import type { Options } from './options.ts';

/** Where the README's lines look for the API, the sandbox's providers, and SQS, EventBridge and Lambda. */
export const README_PORTS = { api: 3000, estoka: 4001, ngorder: 4002, awsServices: 4003 } as const;

/** The port to try first: the README's, or 0 where the operator wants any free one for all. */
export function portOf(door: keyof typeof README_PORTS, { port }: Pick<Options, 'port'>): number {
  return port === 0 ? 0 : README_PORTS[door];
}
