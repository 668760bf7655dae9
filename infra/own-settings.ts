import { devNull } from 'node:os';

/**
 * Says to AWS's SDK that this machine has no AWS settings: neither files, which may hold a profile whose settings lead elsewhere, nor
 * an instance to ask for credentials.
 */
export const NO_AWS_SETTINGS = {
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
} as const;

const OPERATORS = /^(AWS|CDK|FAUXQS)_|^(http|https|all|no)_proxy$/i;

/**
 * Takes out of a process's environment what this machine is set up with for other work, so that the local stack speaks to itself
 * only. To be called before the first client is made.
 */
export function forgetOperatorsSettings(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) {
    if (OPERATORS.test(name)) Reflect.deleteProperty(environment, name);
  }
  // Node has set up `fetch` for a proxy by now (NODE_USE_ENV_PROXY), but looks this up at each request.
  Object.assign(environment, NO_AWS_SETTINGS, { no_proxy: '*' });
}
