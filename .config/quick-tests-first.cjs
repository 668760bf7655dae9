// jest's order of test files for mutation testing, which stops at the first failure: those without a database first, then the shorter ones.
const { readFileSync } = require('node:fs');

const cost = ({ path }) => {
  const text = readFileSync(path, 'utf8');
  return text.length + (text.includes('startDynamoDB') ? 1e6 : 0);
};

module.exports = class {
  sort(tests) {
    return [...tests].sort((a, b) => cost(a) - cost(b));
  }
  cacheResults() {}
};
