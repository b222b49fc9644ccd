import { describe, expect, test } from 'vitest';
import { clawAddresses } from './claw-addresses.ts';

describe('the addresses of claws', () => {
  const local = clawAddresses({ publicUrl: 'http://127.0.0.1:4310' })!;
  const public_ = clawAddresses({ publicUrl: 'https://portal.example.com', clawsUrl: 'https://claws.example.com' })!;

  test('lie below localhost for a portal on this machine, and nowhere for another one without a domain for them', () => {
    expect(local.originOf('sales-bot-k3v9q2ma')).toBe('http://sales-bot-k3v9q2ma.localhost:4310');
    expect(local.pattern).toBe('http://*.localhost:4310');
    expect(clawAddresses({ publicUrl: 'https://portal.example.com' })).toBeNull();
  });

  test('are read back from a host, whatever its port and letters', () => {
    expect(public_.slugOf('Sales-Bot.claws.example.com')).toBe('sales-bot');
    expect(public_.slugOf('sales-bot.claws.example.com:8443')).toBe('sales-bot');
    expect(public_.slugOf('sales-bot.claws.example.com.')).toBe('sales-bot');
    expect(public_.secure).toBe(true);
  });

  test.each(['claws.example.com', 'portal.example.com', 'xclaws.example.com', 'sales-bot.claws.example.com.evil.org', '', undefined])(
    '%s is not one of them',
    (host) => {
      expect(public_.holds(host)).toBe(false);
      expect(public_.slugOf(host)).toBeNull();
    },
  );

  test.each(['a.b.claws.example.com', '-a.claws.example.com', '.claws.example.com', 'a_b.claws.example.com'])(
    '%s lies among them but names no claw',
    (host) => {
      expect(public_.holds(host)).toBe(true);
      expect(public_.slugOf(host)).toBeNull();
    },
  );

  test('never take the portal itself for a claw', () => {
    const around = clawAddresses({ publicUrl: 'https://portal.example.com', clawsUrl: 'https://example.com' })!;
    expect(around.holds('portal.example.com')).toBe(false);
    expect(around.slugOf('bot.example.com')).toBe('bot');
  });
});
