import { describe, expect, test } from 'vitest';
import { createOutboundGuard } from './outbound.ts';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'api.example.com': ['93.184.215.14'],
  'inside.example.com': ['10.1.2.3'],
  'both.example.com': ['93.184.215.14', '127.0.0.1'],
  'six.example.com': ['fd12::1'],
};
const guard = (...allow: string[]) => createOutboundGuard({ allow, resolve: async (host) => NAMES[host] ?? [] });
const refused = { code: 'VALIDATION_FAILED', details: { errors: [{ path: '/baseUrl' }] } };

describe('where the platform connects to on somebody’s word', () => {
  test.each(['https://api.example.com/v1', 'https://93.184.215.14', 'https://[2606:2800:21f::1]/', 'https://nowhere.example.com'])(
    '%s is outside',
    async (url) => {
      await expect(guard().check(url)).resolves.toBeUndefined();
    },
  );

  test.each([
    'http://127.0.0.1:11434',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://localhost.',
    'http://[::1]:80',
    'http://[::ffff:10.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://10.0.0.1',
    'http://172.31.255.255',
    'http://192.168.1.1',
    'http://100.64.0.1',
    'http://0.0.0.0',
    'http://169.254.169.254',
    'http://metadata.google.internal',
    'http://inside.example.com',
    'http://both.example.com',
    'http://six.example.com',
  ])('%s is not', async (url) => {
    const withLocalhost = createOutboundGuard({ allow: [], resolve: async (host) => (host === 'localhost' ? ['127.0.0.1'] : (NAMES[host] ?? [])) });
    await expect(withLocalhost.check(url)).rejects.toMatchObject(refused);
  });

  test('an operator lets through addresses, subnets and names, but never what tells credentials', async () => {
    await expect(guard('127.0.0.0/8').check('http://127.0.0.1:11434')).resolves.toBeUndefined();
    await expect(guard('10.1.2.3').check('http://inside.example.com')).resolves.toBeUndefined();
    await expect(guard('Inside.example.com').check('http://inside.example.com')).resolves.toBeUndefined();
    await expect(guard('10.0.0.0/8').check('http://both.example.com')).rejects.toMatchObject(refused);
    await expect(guard('169.254.169.254', 'metadata.google.internal').check('http://169.254.169.254')).rejects.toMatchObject(refused);
  });
});
