import { PortTaken } from './aws/gateway.ts';
import type { Options } from './options.ts';

/** Where the README's lines look for the API, the sandbox's providers, and SQS, EventBridge and Lambda. */
export const README_PORTS = { api: 3000, estoka: 4001, ngorder: 4002, awsServices: 4003 } as const;

/** The port to try first: the README's, or 0 where the operator wants any free one for all. */
export function portOf(door: keyof typeof README_PORTS, { port }: Pick<Options, 'port'>): number {
  return port === 0 ? 0 : README_PORTS[door];
}

/** Starts a part on the port, or on any free one where that is taken. */
export function onPortOrAny<Part>(port: number, start: (port: number) => Promise<Part>): Promise<Part> {
  return start(port).catch((error: unknown) => {
    if (error instanceof PortTaken) return start(0);
    throw error;
  });
}
