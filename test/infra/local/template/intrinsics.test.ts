import { describe, expect, it } from '@jest/globals';
import { resolve, type References } from '../../../../infra/local/template/intrinsics.ts';

const references: References = {
  ref: (logicalId) => `ref(${logicalId})`,
  getAtt: (logicalId, attribute) => `att(${logicalId}, ${attribute})`,
};

describe('resolving intrinsic functions', () => {
  it('finds them at any depth and leaves everything else alone', () => {
    const value = { list: [1, null, { Ref: 'Table' }], other: { Ref: 'not alone', beside: true } };
    expect(resolve(value, references)).toEqual({
      list: [1, null, 'ref(Table)'],
      other: { Ref: 'not alone', beside: true },
    });
  });

  it('knows both forms of Fn::GetAtt', () => {
    expect(resolve({ 'Fn::GetAtt': ['Queue', 'Arn'] }, references)).toBe('att(Queue, Arn)');
    expect(resolve({ 'Fn::GetAtt': 'Queue.Arn' }, references)).toBe('att(Queue, Arn)');
  });

  it('joins what its parts resolve to', () => {
    expect(resolve({ 'Fn::Join': ['/', ['a', { Ref: 'B' }, 'c']] }, references)).toBe('a/ref(B)/c');
  });

  it('substitutes references, attributes, given variables and literals', () => {
    const text = '${A}-${B.Arn}-${given}-${!literal}-${AWS::Region}';
    expect(resolve({ 'Fn::Sub': [text, { given: { Ref: 'C' } }] }, references)).toBe(
      'ref(A)-att(B, Arn)-ref(C)-${literal}-ref(AWS::Region)',
    );
    expect(resolve({ 'Fn::Sub': '${A}' }, references)).toBe('ref(A)');
  });

  it('says which function it does not know instead of guessing', () => {
    expect(() => resolve({ a: { 'Fn::Cidr': [] } }, references)).toThrow('Fn::Cidr');
  });
});
