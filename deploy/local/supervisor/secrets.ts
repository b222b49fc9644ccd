import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeJson } from './json-file.ts';

/** Everything secret that one platform needs; made once, kept in `<dataDir>/secrets.json` (0600). */
export interface PlatformSecrets {
  readonly postgres: { readonly superuser: string; readonly owner: string; readonly app: string; readonly system: string };
  readonly authSecret: string;
  readonly serviceToken: string;
  readonly litellmMasterKey: string;
  readonly s3: { readonly accessKey: string; readonly secretKey: string };
  readonly hostToken: string;
  readonly key: { readonly id: string; readonly value: string };
}

const random = (bytes: number) => randomBytes(bytes).toString('base64url');

function generate(): PlatformSecrets {
  return {
    postgres: { superuser: random(24), owner: random(24), app: random(24), system: random(24) },
    authSecret: random(48),
    serviceToken: random(32),
    litellmMasterKey: `sk-${random(32)}`,
    s3: { accessKey: randomBytes(10).toString('hex'), secretKey: random(30) },
    hostToken: `clh_${random(32)}`,
    key: { id: `local-${randomBytes(4).toString('hex')}`, value: randomBytes(32).toString('base64') },
  };
}

/** Files that hold one secret each, for processes that take a path instead of a value. */
export interface SecretFiles {
  readonly keyFile: string;
  readonly hostTokenFile: string;
}

/** Reads the secrets of a data folder, making them on first use; file modes are repaired on every start. */
export function loadSecrets(dataDir: string): PlatformSecrets & SecretFiles {
  const file = join(dataDir, 'secrets.json');
  let secrets = readJson<PlatformSecrets>(file);
  if (!secrets) {
    secrets = generate();
    writeJson(file, secrets, { mode: 0o600, durable: true });
  }
  chmodSync(file, 0o600);
  const keyFile = join(dataDir, 'keys.json');
  // Written once only: an operator may have rotated the key in this file since.
  if (!readJson(keyFile)) writeJson(keyFile, { current: secrets.key.id, keys: { [secrets.key.id]: secrets.key.value } }, { mode: 0o600, durable: true });
  chmodSync(keyFile, 0o600);
  const hostTokenFile = join(dataDir, 'host-token');
  writeFileSync(hostTokenFile, `${secrets.hostToken}\n`, { mode: 0o600 });
  chmodSync(hostTokenFile, 0o600);
  return { ...secrets, keyFile, hostTokenFile };
}
