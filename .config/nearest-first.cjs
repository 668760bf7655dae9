const { statSync } = require('node:fs');
const { basename, dirname, relative } = require('node:path');
const Sequencer = require('@jest/test-sequencer').default;

/**
 * A mutated file's own tests first, then those beside them, then the smallest: most mutants are noticed by the first file, and then the
 * others are not run.
 */
module.exports = class NearestFirst extends Sequencer {
  constructor(options) {
    super(options);
    const { nonFlagArgs: [mutated] = [], rootDir } = options.globalConfig;
    this.mutated = mutated === undefined ? '' : relative(`${rootDir}/functions`, mutated);
  }

  sort(tests) {
    const distance = (test) => {
      const path = relative(`${test.context.config.rootDir}/test`, test.path);
      if (dirname(path) !== dirname(this.mutated)) return 2;
      return basename(path, '.test.ts') === basename(this.mutated, '.ts') ? 0 : 1;
    };
    const places = new Map(tests.map((test) => [test, [distance(test), statSync(test.path).size]]));
    return [...tests].sort((a, b) => {
      const [nearA, sizeA] = places.get(a);
      const [nearB, sizeB] = places.get(b);
      return nearA - nearB || sizeA - sizeB;
    });
  }
};
