import { devNull } from 'node:os';

/**
 * Tells the AWS SDK that this machine has no AWS settings: no files, which may hold a profile that leads elsewhere, and no instance
 * metadata to ask for credentials.
 */
export const NO_AWS_SETTINGS = {
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
} as const;

const OPERATORS = /^(AWS|CDK|FAUXQS)_|^(http|https|all|no)_proxy$/i;

/**
 * Removes this machine's settings for other work from a process's environment, so that the local stack makes calls only to itself. Call it
 * before the first client is made.
 */
export function forgetOperatorsSettings(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) {
    if (OPERATORS.test(name)) Reflect.deleteProperty(environment, name);
  }
  // Node has already set up `fetch` for a proxy (NODE_USE_ENV_PROXY), but it reads `no_proxy` at each request.
  Object.assign(environment, NO_AWS_SETTINGS, { no_proxy: '*' });
}
