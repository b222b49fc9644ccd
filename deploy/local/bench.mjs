import { runUnderPinnedNode } from './bootstrap.mjs';

await runUnderPinnedNode('bench/main.ts');
