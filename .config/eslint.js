import tseslint from 'typescript-eslint';
import { effectNames } from './effect-names.js';

export default tseslint.config(
  { ignores: ['node_modules', 'cdk.out', '.build', '.countermand', '.config'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: new URL('..', import.meta.url).pathname },
    },
    plugins: { countermand: { rules: { 'effect-names': effectNames } } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'never' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'countermand/effect-names': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: [
      'infra/app.ts',
      'infra/local/start.ts',
      'infra/local/record-examples.ts',
      'infra/openapi/write.ts',
      'infra/token.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  { files: ['test/**'], rules: { 'max-lines': 'off', '@typescript-eslint/no-floating-promises': 'off' } },
);
