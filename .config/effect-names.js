/** Irregular participles, save those that are a verb's plain form too (put, set, cut, read, run). */
const IRREGULAR = (
  'beaten begun bitten blown born bought bound broken brought built caught chosen dealt done drawn driven eaten fallen felt forgotten ' +
  'fought found frozen given gone grown heard held hidden kept known laid left lent lost made meant met paid proven risen said sent ' +
  'seen shaken shown sold sought spent spoken stolen sworn taken taught thought thrown told torn understood won worn woken written'
).replaceAll(' ', '|');
const PARTICIPLE = new RegExp(`^(?:[a-z]*ed|(?:un|re|over|under|out|mis|fore|with)?(?:${IRREGULAR}))$`);

/** Verbs in their plain form that end as participles do. */
const VERBS = new Set(
  'bleed breed embed exceed feed heed interbreed need proceed seed shed shred sled speed succeed wed weed'.split(' '),
);

/** Whether a name's first word is a participle: `recorded`, `keptOrder`. */
function beginsWithParticiple(name) {
  const [first = ''] = /^[a-z]+/.exec(name) ?? [];
  return PARTICIPLE.test(first) && !VERBS.has(first);
}

/** What a function answers whose callers wait for it. */
const AWAITED = new Set(['Promise', 'PromiseLike', 'AsyncGenerator', 'AsyncIterable', 'AsyncIterableIterator']);
const FUNCTIONS = new Set(['FunctionExpression', 'ArrowFunctionExpression']);

/**
 * A verb names an effect (`recordMove`), and a participle names a value (`recorded`). A function that answers a promise is treated
 * as an effect.
 */
export const effectNames = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      participle: '`{{name}}` answers a promise, so it is an effect: a verb names it, and not a participle.',
    },
  },
  create(context) {
    const services = context.sourceCode.parserServices;
    const checker = services.program.getTypeChecker();

    const check = (name) => {
      if (name?.type !== 'Identifier' || !beginsWithParticiple(name.name)) return;
      const signatures = services.getTypeAtLocation(name).getCallSignatures();
      const replies = signatures.map((signature) => checker.getReturnTypeOfSignature(signature).getSymbol()?.name);
      if (replies.some((reply) => AWAITED.has(reply))) {
        context.report({ node: name, messageId: 'participle', data: { name: name.name } });
      }
    };
    return {
      FunctionDeclaration: ({ id }) => check(id),
      // A value that another function made keeps its name: `const watched = watching(handler)`.
      VariableDeclarator: ({ id, init }) => {
        if (FUNCTIONS.has(init?.type)) check(id);
      },
      'MethodDefinition, TSMethodSignature, TSPropertySignature': ({ key }) => check(key),
      'Property, PropertyDefinition': ({ key, value }) => {
        if (FUNCTIONS.has(value?.type)) check(key);
      },
    };
  },
};
