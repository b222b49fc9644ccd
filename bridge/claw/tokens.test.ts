import { expect, test } from 'vitest';
import { clawFolders } from '../files/folders.ts';
import { testWorkload } from '../testing/workload.ts';
import { clawEnv, folderTokens, replaceTokens } from './tokens.ts';

const folders = clawFolders('/data', 'bot-1');
const runtime = { folder: '/runtimes/light/1', path: ['/node/bin', '/runtimes/light/1/node_modules/.bin'], env: { PYTHONPATH: '/lib' } };

test('folder tokens are replaced and nothing else that looks like one', () => {
  const tokens = folderTokens(folders, runtime);
  expect(replaceTokens('${CONFIG_DIR}/a ${DATA_DIR} ${LOG_DIR} ${RUNTIME_DIR} ${CONFIG_DIR}', tokens)).toBe(
    '/data/claws/bot-1/config/a /data/claws/bot-1/data /data/claws/bot-1/logs /runtimes/light/1 /data/claws/bot-1/config',
  );
  const own = '${OPENCLAW_GATEWAY_TOKEN} $CONFIG_DIR ${config_dir} ${SCRATCH_DIR} ${__proto__}';
  expect(replaceTokens(own, tokens)).toBe(own);
});

test('a claw gets its own environment and nothing of the daemon beside what reaches the network', () => {
  process.env.BRIDGE_TOKEN_FILE = '/secret/token';
  const env = clawEnv(
    testWorkload({ env: { PLACE: '${DATA_DIR}/x', HOME: '${DATA_DIR}/home' }, secretEnv: [{ name: 'KEY', value: '${DATA_DIR}' }] }),
    folders,
    runtime,
  );
  delete process.env.BRIDGE_TOKEN_FILE;
  expect(env).toMatchObject({
    PLACE: '/data/claws/bot-1/data/x',
    HOME: '/data/claws/bot-1/data/home',
    KEY: '${DATA_DIR}',
    PYTHONPATH: '/lib',
    CLAWLOOPS_INSTANCE_ID: 'ins_test',
  });
  expect(env.PATH?.split(':').slice(0, 2)).toEqual(runtime.path);
  const known = [
    'PATH',
    'HOME',
    'TMPDIR',
    'LANG',
    'PYTHONPATH',
    'TZ',
    'NODE_EXTRA_CA_CERTS',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'PLACE',
    'KEY',
    'CLAWLOOPS_INSTANCE_ID',
  ];
  expect(Object.keys(env).filter((name) => !known.includes(name))).toEqual([]);
});
