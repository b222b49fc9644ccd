import { runUnderPinnedNode } from './bootstrap.mjs';

await runUnderPinnedNode('cli/main.ts');
