import { describe, expect, it } from '@jest/globals';
import { OPERATION_KINDS } from '../../../functions/operations/rules/operation.ts';
import { proofOf } from '../../../functions/operations/rules/proof.ts';
import type { LookUpReply } from '../../../functions/providers/provider.ts';
import { ACTIVE, facts, shownOrder } from '../world.ts';

const UNCLEAR: LookUpReply = {
  kind: 'not_cancelled',
  order: facts('HOLD'),
  refusal: null,
  historyMark: null,
  isUnclear: true,
};

/** By what is seen: what it proves of a cancel, a restore and a delete. */
describe('what a look proves', () => {
  it.each<[LookUpReply, [string, string, string]]>([
    [{ kind: 'cancelled', order: facts('cancelled') }, ['done', 'undone', 'undone']],
    [{ kind: 'closed', order: facts('EXPIRED') }, ['undone', 'undone', 'undone']],
    [ACTIVE, ['undone', 'done', 'ruled_out']],
    [UNCLEAR, ['undone', 'unclear', 'unclear']],
    [{ kind: 'deciding', order: facts('billing') }, ['deciding', 'unclear', 'unclear']],
    [{ kind: 'order_not_found' }, ['order_not_found', 'order_not_found', 'done']],
    [{ kind: 'nowhere' }, ['nowhere', 'nowhere', 'done']],
    [{ kind: 'lost', problem: 'timed_out' }, ['lost', 'lost', 'lost']],
    [{ kind: 'credential_rejected' }, ['credential_rejected', 'credential_rejected', 'credential_rejected']],
    [{ kind: 'rate_limited', retryAfterMs: 1 }, ['rate_limited', 'rate_limited', 'rate_limited']],
    [{ kind: 'not_sent', problem: 'provider_unreachable' }, ['not_sent', 'not_sent', 'not_sent']],
  ])('%j', (seen, expected) => {
    expect(OPERATION_KINDS.map((wanted) => proofOf(wanted, seen).kind)).toEqual(expected);
  });

  it('keeps what the provider lists of the order, and its mark', () => {
    const listed = { order: shownOrder(), customer: null, version: 'v', restoreWarnings: [] };
    expect(proofOf('cancel', { kind: 'cancelled', order: { ...facts('cancelled'), listed } })).toMatchObject({
      listed,
    });
    expect(proofOf('cancel', { kind: 'cancelled', order: facts('cancelled') })).toMatchObject({ listed: null });
    const refused: LookUpReply = { kind: 'not_cancelled', order: facts('billing'), refusal: 'no', historyMark: '7' };
    expect(proofOf('cancel', refused)).toMatchObject({ historyMark: '7', refusal: 'no' });
  });
});
