import { runUnderPinnedNode } from './bootstrap.mjs';

await runUnderPinnedNode('deploy/local/bench.ts');
