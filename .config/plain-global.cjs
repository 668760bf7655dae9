const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

/** What Jest takes from its own realm although every realm has one. */
const OF_JESTS_REALM = new Set(['Buffer', 'ArrayBuffer', 'Uint8Array']);

/**
 * Jest's environment for Node with a plain global object. Jest's own global is a proxy behind an interceptor of V8: every `Date`, `JSON` or
 * `Math` of the tested code goes through both, and code that computes takes half as long again, or several times as long.
 */
module.exports = class PlainGlobalEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    const global = plainGlobalLike(this.global);
    global.Error.stackTraceLimit = this.global.Error.stackTraceLimit;
    this.context = global;
    this.global = global;
    this.moduleMocker = new this.moduleMocker.constructor(global);
    this.fakeTimersModern.dispose();
    this.fakeTimersModern = new this.fakeTimersModern.constructor({ config: config.projectConfig, global });
    this.fakeTimers.dispose();
    this.fakeTimers = null;
  }

  async teardown() {
    await super.teardown();
    this.global = null;
  }
};

/** A realm of its own with everything that `made` has beside what each realm brings. Read when it is first used, for some of it is loaded then. */
function plainGlobalLike(made) {
  const global = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  for (const key of Reflect.ownKeys(made)) {
    if (Object.hasOwn(global, key) && !OF_JESTS_REALM.has(key)) continue;
    const { enumerable } = Object.getOwnPropertyDescriptor(made, key);
    const define = (value) => {
      Object.defineProperty(global, key, { configurable: true, enumerable, writable: true, value });
      return value;
    };
    const get = () => define(made[key] === made ? global : made[key]);
    Object.defineProperty(global, key, { configurable: true, enumerable, get, set: define });
  }
  return global;
}
