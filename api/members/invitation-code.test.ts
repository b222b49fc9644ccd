import { expect, it } from 'vitest';
import { newId } from '../../activities/platform/ids.ts';
import { invitationLink, newInvitationCode, parseInvitationCode } from './invitation-code.ts';

it('a code names its invitation and carries a new secret each time', () => {
  const id = newId('inv');
  const [first, second] = [newInvitationCode(id), newInvitationCode(id)];
  expect(parseInvitationCode(` ${first.code}\n`)).toEqual({ id, secret: first.secret });
  expect(second.secret).not.toBe(first.secret);
});

it('what is cut off or made up is no code', () => {
  const { code } = newInvitationCode(newId('inv'));
  for (const text of ['', 'inv_', code.slice(0, -1), `${code}x`, code.replace('inv_', 'clp_'), code.toUpperCase()])
    expect(parseInvitationCode(text), text).toBeNull();
});

it('a link carries the code behind the #, where no server sees it', () => {
  const { code } = newInvitationCode(newId('inv'));
  const link = new URL(invitationLink('https://claws.example.com/', code));
  expect({ path: link.pathname, query: link.search, fragment: link.hash }).toEqual({ path: '/invite', query: '', fragment: `#${code}` });
});
