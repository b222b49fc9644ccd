import { describe, expect, test } from 'vitest';
import { echoManifest } from '../../../deploy/local/testing/echo-type.ts';
import { failureOf, wrongPaths } from '../testing/failures.ts';
import { compileConfigSchema } from './config-schema.ts';
import { parseManifest } from './manifest.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests break it on purpose
type Loose = any;

function changed(change: (manifest: Loose) => void): unknown {
  const manifest = structuredClone(echoManifest()) as Loose;
  change(manifest);
  return manifest;
}

describe('the manifest of a claw type', () => {
  test('the example is valid', () => {
    expect(echoManifest().metadata.name).toBe('echo');
  });

  test.each(['openclaw@2026.1.1', '@scope/name@1.0.0-rc.1', 'name@^1.2', 'name'])('may install %s with npm', (npm) => {
    expect(() => parseManifest(changed((m) => Object.assign(m.spec.versions[0], { install: { npm } })))).not.toThrow();
  });

  test.each(['name==1.2.3', 'na_me>=1.0', 'torch==2.0+cpu', 'name'])('may install %s with pip', (pip) => {
    expect(() => parseManifest(changed((m) => Object.assign(m.spec.versions[0], { install: { pip } })))).not.toThrow();
  });

  test.each<[string, (manifest: Loose) => void, string]>([
    [
      'another API version',
      (m) => {
        m.apiVersion = 'v2';
      },
      '/apiVersion',
    ],
    [
      'a field that does not exist',
      (m) => {
        m.spec.sidecar = {};
      },
      '/spec',
    ],
    [
      'a name with capitals',
      (m) => {
        m.metadata.name = 'Echo';
      },
      '/metadata/name',
    ],
    [
      'the name of a built-in type',
      (m) => {
        m.metadata.name = 'openclaw';
      },
      '/metadata/name',
    ],
    [
      'no version',
      (m) => {
        m.spec.versions = [];
      },
      '/spec/versions',
    ],
    [
      'a version that is no folder name',
      (m) => {
        m.spec.versions[0].version = '../1';
      },
      '/spec/versions/0/version',
    ],
    [
      'a version twice',
      (m) => {
        m.spec.versions[1].version = m.spec.versions[0].version;
      },
      '/spec/versions/1/version',
    ],
    [
      'two ways to install',
      (m) => {
        m.spec.versions[0].install = { npm: 'a@1', pip: 'a==1' };
      },
      '/spec/versions/0/install',
    ],
    [
      'an option instead of a package',
      (m) => {
        m.spec.versions[0].install = { npm: '--registry=x' };
      },
      '/spec/versions/0/install/npm',
    ],
    ...['somebody/repository', 'name@owner/repository', 'folder/package.tgz', 'package.tgz', 'name@package.tar.gz', '@scope/name/more'].map(
      (npm): [string, (m: Loose) => void, string] => [
        `${npm}, which no registry has,`,
        (m) => {
          m.spec.versions[0].install = { npm };
        },
        '/spec/versions/0/install/npm',
      ],
    ),
    ...['folder/package', 'package.whl', 'name@other'].map((pip): [string, (m: Loose) => void, string] => [
      `${pip}, which no index has,`,
      (m) => {
        m.spec.versions[0].install = { pip };
      },
      '/spec/versions/0/install/pip',
    ]),
    [
      'an empty command',
      (m) => {
        m.spec.versions[0].command = [];
      },
      '/spec/versions/0/command',
    ],
    [
      'a variable with value and secret',
      (m) => {
        m.spec.env[0].secret = 'modelKey';
      },
      '/spec/env/0',
    ],
    [
      'a variable twice',
      (m) => {
        m.spec.env[1].name = m.spec.env[0].name;
      },
      '/spec/env/1/name',
    ],
    [
      'an unknown secret',
      (m) => {
        m.spec.env[5].secret = 'password';
      },
      '/spec/env/5/secret',
    ],
    [
      'a file outside the config dir',
      (m) => {
        m.spec.files[0].path = '../server.mjs';
      },
      '/spec/files/0/path',
    ],
    [
      'a file with an absolute path',
      (m) => {
        m.spec.files[0].path = '/etc/passwd';
      },
      '/spec/files/0/path',
    ],
    [
      'a file with a hidden way out',
      (m) => {
        m.spec.files[0].path = 'a/../../b';
      },
      '/spec/files/0/path',
    ],
    [
      'a mode that the owner cannot read',
      (m) => {
        m.spec.files[0].mode = '0200';
      },
      '/spec/files/0/mode',
    ],
    [
      'a file twice',
      (m) => {
        m.spec.files[1].path = m.spec.files[0].path;
      },
      '/spec/files/1/path',
    ],
    [
      'an unknown lookup in a file',
      (m) => {
        m.spec.files[1].template = '{{secrets.modelKey}}';
      },
      '/spec/files/1/template',
    ],
    [
      'an unknown field of a lookup',
      (m) => {
        m.spec.env[0].value = '{{instance.token}}';
      },
      '/spec/env/0/value',
    ],
    [
      'an undeclared port in a lookup',
      (m) => {
        m.spec.env[0].value = '{{ports.https}}';
      },
      '/spec/env/0/value',
    ],
    [
      'an unreadable template in a command',
      (m) => {
        m.spec.versions[1].command[2] = '{{paths.config';
      },
      '/spec/versions/1/command/2',
    ],
    [
      'no port',
      (m) => {
        m.spec.ports = [];
      },
      '/spec/ports',
    ],
    [
      'a probe of an undeclared port',
      (m) => {
        m.spec.probes.ready.port = 'admin';
      },
      '/spec/probes/ready/port',
    ],
    [
      'an http probe without path',
      (m) => {
        delete m.spec.probes.live.path;
      },
      '/spec/probes/live/path',
    ],
    [
      'an exec probe without command',
      (m) => {
        m.spec.probes.live = { type: 'exec' };
      },
      '/spec/probes/live/command',
    ],
    [
      'an http acknowledgement without path',
      (m) => {
        m.spec.ack = { type: 'http', port: 'http' };
      },
      '/spec/ack',
    ],
    [
      'a reload that is none',
      (m) => {
        m.spec.reload.mode = 'signal:SIGKILL';
      },
      '/spec/reload/mode',
    ],
    [
      'a chat on an undeclared port',
      (m) => {
        m.spec.chat.openai.port = 'chat';
      },
      '/spec/chat/openai/port',
    ],
    [
      'settings that are no object',
      (m) => {
        m.spec.configSchema = { type: 'string' };
      },
      '/spec/configSchema',
    ],
    [
      'a schema with an unknown keyword',
      (m) => {
        m.spec.configSchema.properties.greeting.maxLenght = 3;
      },
      '/spec/configSchema',
    ],
    [
      'a schema that points elsewhere',
      (m) => {
        m.spec.configSchema.properties.x = { $ref: 'http://127.0.0.1/x.json' };
      },
      '/spec/configSchema',
    ],
    [
      'a pattern that can hang',
      (m) => {
        m.spec.configSchema.properties.greeting.pattern = '^(a+)+$';
      },
      '/spec/configSchema',
    ],
    [
      'a pattern that can hang in a nested group',
      (m) => {
        m.spec.configSchema.properties.greeting.pattern = '^((a|a)b?){2,}$';
      },
      '/spec/configSchema',
    ],
  ])('%s is refused by its path', (_what, change, path) => {
    expect(wrongPaths(() => parseManifest(changed(change)))).toContain(path);
  });

  test.each(['^(a?){30}a{30}$', `^${'a?'.repeat(30)}a{30}$`, '^(a?a?)*$', '^((?:a|a){5}){5}$', `^${'(a|a)'.repeat(25)}$`, '^(?<x>a+?){2,}$'])(
    'the pattern %s, which tries more than anybody can wait for, is refused',
    (pattern) => {
      const answer = compileConfigSchema({ type: 'object', properties: { greeting: { type: 'string', pattern } } });
      expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('may take very long') });
    },
  );

  test.each([
    '^[a-z]+(-[a-z]{2})?$',
    '^(?:one|two)$',
    '^\\(+[+*]+\\)+$',
    '^(\\d{1,3}\\.){3}\\d{1,3}$',
    '^([0-9a-f]{2}:){5}[0-9a-f]{2}$',
    `^(?:${'word|'.repeat(30)}end)$`,
    '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z]{2,})?$',
  ])('the harmless pattern %s is taken', (pattern) => {
    const manifest = changed((m) => {
      m.spec.configSchema.properties.greeting.pattern = pattern;
    });
    expect(parseManifest(manifest).metadata.name).toBe('echo');
  });

  test.each([null, 'echo', [], 7])('%j is no manifest', (input) => {
    expect(failureOf(() => parseManifest(input)).code).toBe('VALIDATION_FAILED');
  });
});
