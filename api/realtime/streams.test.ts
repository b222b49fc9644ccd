import { expect, it } from 'vitest';
import { type ChatItem, ChatSession, ChatSessions } from './chat-session.ts';
import { readLines, toLogLine } from './log-lines.ts';
import { messageOf, parseRoom, tenantRooms } from './rooms.ts';
import { readEvents } from './sse.ts';

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

it('reads events whatever pieces they arrive in, also through the middle of a character', async () => {
  const text = ': comment\n\ndata: {"a":"日本"}\n\nevent: x\r\ndata: one\r\ndata: two\r\n\r\ndata: [DONE]\n\n';
  for (const size of [1, 2, 3, 7, 1000]) expect(await collect(readEvents(pieces(text, size))), String(size)).toEqual(['{"a":"日本"}', 'one\ntwo', '[DONE]']);
});

it('gives up on an event that does not end', async () => {
  await expect(collect(readEvents(pieces('data: aaaaaaaaaaaaaaaaaaaa', 5), 10))).rejects.toThrow('too long');
  await expect(collect(readEvents(pieces('data: a\n'.repeat(100), 8), 10))).rejects.toThrow('too long');
  expect(await collect(readEvents(pieces('data: a\n\n'.repeat(100), 9), 10))).toHaveLength(100);
});

it('reads log lines whatever pieces they arrive in, the last one also without its end', async () => {
  const text = '2026-11-21T10:00:00.5Z started\n{"time":"2026-11-21T10:00:01Z","m":"日"}\r\nplain\nrest';
  for (const size of [1, 5, 1000]) {
    expect(await collect(readLines(pieces(text, size)))).toEqual([
      { at: '2026-11-21T10:00:00.500Z', stream: 'output', text: '2026-11-21T10:00:00.5Z started' },
      { at: '2026-11-21T10:00:01.000Z', stream: 'output', text: '{"time":"2026-11-21T10:00:01Z","m":"日"}' },
      { at: null, stream: 'output', text: 'plain' },
      { at: null, stream: 'output', text: 'rest' },
    ]);
  }
});

it('takes the colours out of a log line and cuts one that is endless', () => {
  expect(toLogLine('\u001b[32mgreen\u001b[0m').text).toBe('green');
  expect(toLogLine('x'.repeat(100_000)).text.length).toBe(16 * 1024);
});

it('repeats from a number on what a session said, then goes on', () => {
  const session = new ChatSession('s', 0);
  for (const text of ['a', 'b', 'c']) session.emit({ type: 'delta', text });
  const heard: ChatItem[] = [];
  const leave = session.listen((item) => heard.push(item), 1);
  session.emit({ type: 'done' });
  leave();
  session.emit({ type: 'delta', text: 'unheard' });
  expect(heard.map(({ seq, type, text }) => [seq, type, text])).toEqual([
    [2, 'delta', 'b'],
    [3, 'delta', 'c'],
    [4, 'done', undefined],
  ]);
});

it('repeats everything to somebody whose number is from before a restart', () => {
  const session = new ChatSession('s', 0);
  session.emit({ type: 'delta', text: 'new' });
  const heard: ChatItem[] = [];
  session.listen((item) => heard.push(item), 90);
  expect(heard).toHaveLength(1);
});

it('keeps the buffer and the conversation of a session bounded', () => {
  const session = new ChatSession('s', 0);
  for (let n = 0; n < 3000; n += 1) session.emit({ type: 'delta', text: 'x'.repeat(1000) });
  const heard: ChatItem[] = [];
  session.listen((item) => heard.push(item), 0);
  expect(heard.length).toBeLessThanOrEqual(1049);
  expect(heard.at(-1)?.seq).toBe(3000);
  for (let n = 0; n < 100; n += 1) session.remember({ role: 'user', content: 'y'.repeat(5000) });
  expect(session.history.reduce((sum, { content }) => sum + content.length, 0)).toBeLessThanOrEqual(64 * 1024);
});

it('forgets sessions nobody used for half an hour, but none that is in use', () => {
  let now = 0;
  const sessions = new ChatSessions(() => now);
  const idle = sessions.of('i', 'u', 'idle');
  const used = sessions.of('i', 'u', 'used');
  used.listen(() => undefined, null);
  now = 31 * 60_000;
  expect(sessions.of('i', 'u', 'used')).toBe(used);
  expect(sessions.of('i', 'u', 'idle')).not.toBe(idle);
  expect(sessions.of('i', 'somebody else', 'used')).not.toBe(used);
});

it('knows rooms from what is none', () => {
  expect(parseRoom('instance:ins_01kah30000000000000z')).toEqual({ kind: 'instance', id: 'ins_01kah30000000000000z' });
  for (const wrong of ['instance:op_01kah30000000000000z', 'constructor:x', 'tenant', ':', 'instance:ins_01kah30000000000000z:x:y', 7]) {
    expect(parseRoom(wrong), String(wrong)).toBeNull();
  }
});

it('tells of a notification nobody but whom it is for', () => {
  const { rooms } = messageOf({ seq: '8', tenantId: 'ten_a', key: 'usr_a', payload: { type: 'notification.updated', subject: 'usr_a' } });
  expect(rooms).toEqual(['person:ten_a:usr_a']);
  expect(tenantRooms('ten_a', 'usr_a', null)).toEqual(expect.arrayContaining(rooms));
  expect(tenantRooms('ten_a', 'usr_b', null)).not.toEqual(expect.arrayContaining(rooms));
});

it('sends an event of an operation also to the room of its instance', () => {
  const { message, rooms } = messageOf({
    seq: '7',
    tenantId: 'ten_a',
    key: 'op_a',
    payload: { type: 'operation.updated', subject: 'op_a', time: '2026-11-21T10:00:00.000Z', data: { instanceId: 'ins_a' } },
  });
  expect(message).toEqual({ type: 'operation.updated', id: 'op_a', tenantId: 'ten_a', seq: 7, at: '2026-11-21T10:00:00.000Z' });
  expect(rooms).toEqual(['tenant:ten_a', 'operation:op_a', 'instance:ins_a']);
});
