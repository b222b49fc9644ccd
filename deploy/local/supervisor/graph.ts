/** A step of the start; it runs when everything it needs has finished. */
export interface GraphNode {
  readonly name: string;
  readonly needs: readonly string[];
  run(): Promise<void>;
}

/** The given names and everything they need, transitively. Throws on an unknown name. */
export function withDependencies(nodes: readonly Pick<GraphNode, 'name' | 'needs'>[], names: readonly string[]): Set<string> {
  const wanted = new Set<string>();
  const visit = (name: string) => {
    if (wanted.has(name)) return;
    const node = nodes.find((candidate) => candidate.name === name);
    if (!node) throw new Error(`There is no part called "${name}".`);
    wanted.add(name);
    node.needs.forEach(visit);
  };
  names.forEach(visit);
  return wanted;
}

/**
 * Runs all nodes, each as early as its needs allow. After a failure no further node starts; when the running ones have
 * ended, the first error is thrown. Throws at once when the graph has a cycle.
 */
export async function runGraph(nodes: readonly GraphNode[]): Promise<void> {
  const running = new Map<string, Promise<void>>();
  let failure: { error: unknown } | null = null;
  const visiting = new Set<string>();
  const start = (node: GraphNode): Promise<void> => {
    const known = running.get(node.name);
    if (known) return known;
    if (visiting.has(node.name)) throw new Error(`The parts need each other in a circle: ${[...visiting, node.name].join(' -> ')}.`);
    visiting.add(node.name);
    const needed = node.needs.map((name) => {
      const dependency = nodes.find((candidate) => candidate.name === name);
      if (!dependency) throw new Error(`"${node.name}" needs "${name}", which is not part of this run.`);
      return start(dependency);
    });
    visiting.delete(node.name);
    const run = Promise.all(needed).then(async () => {
      if (failure) return;
      try {
        await node.run();
      } catch (error) {
        failure ??= { error };
      }
    });
    running.set(node.name, run);
    return run;
  };
  for (const node of nodes) start(node);
  await Promise.all(running.values());
  const failed = failure as { error: unknown } | null;
  if (failed) throw failed.error;
}
