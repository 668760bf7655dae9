import type { Options } from './options.ts';

/** The ports that the READMEs' commands use for the API, the sandbox's providers, and SQS, EventBridge and Lambda. */
export const README_PORTS = { api: 3000, estoka: 4001, ngorder: 4002, awsServices: 4003 } as const;

/** Returns the port to try first: the READMEs', or 0 if the operator wants any free port for everything. */
export function portOf(door: keyof typeof README_PORTS, { port }: Pick<Options, 'port'>): number {
  return port === 0 ? 0 : README_PORTS[door];
}
