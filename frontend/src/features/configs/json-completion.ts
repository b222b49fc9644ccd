import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { syntaxTree } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';
import { keysAt, type Schema, type Suggestion, valuesAt } from './schema-path.ts';

type SyntaxNode = ReturnType<ReturnType<typeof syntaxTree>['resolveInner']>;

const nameOf = (state: EditorState, property: SyntaxNode): string => {
  const name = property.getChild('PropertyName');
  return name ? state.sliceDoc(name.from, name.to).replace(/^"|"$/g, '') : '';
};

/** The way from the top to what a node stands in; null for an element of a list. */
function pathTo(state: EditorState, node: SyntaxNode | null): readonly (string | null)[] {
  const path: (string | null)[] = [];
  for (let at = node; at; at = at.parent) {
    if (at.name === 'Property') path.unshift(nameOf(state, at));
    else if (at.parent?.name === 'Array') path.unshift(null);
  }
  return path;
}

function presentIn(state: EditorState, object: SyntaxNode): readonly string[] {
  return object.getChildren('Property').map((property) => nameOf(state, property));
}

const asOptions = (suggestions: readonly Suggestion[], type: string, apply: (label: string) => string): CompletionResult['options'] =>
  suggestions.map(({ label, detail, info }) => ({ label, type, detail, ...(info === '' ? {} : { info }), apply: apply(label) }));

/** Keys for the name that is being typed, or, when it was asked for, at any place of an object. */
function completeKey(schema: Schema, { state, pos, explicit }: CompletionContext, node: SyntaxNode): CompletionResult | null {
  const property = node.name === 'PropertyName' ? node.parent : null;
  const object = property ? property.parent : node.name === 'Object' && explicit ? node : null;
  if (!object) return null;
  const present = presentIn(state, object).filter((name) => !property || name !== nameOf(state, property));
  const suggestions = keysAt(schema, pathTo(state, object), present);
  if (suggestions.length === 0) return null;
  if (property) return { from: node.from, to: node.to, options: asOptions(suggestions, 'property', (label) => `"${label}"`) };
  return { from: pos, options: asOptions(suggestions, 'property', (label) => `"${label}": `) };
}

/** Values for a text that is being typed, or, when it was asked for, for any value. */
function completeValue(schema: Schema, { state, pos, explicit }: CompletionContext, node: SyntaxNode): CompletionResult | null {
  if (!explicit && node.name !== 'String') return null;
  const begins = node.name === 'Property';
  const owner = begins ? node : node.parent?.name === 'Property' ? node.parent : null;
  if (!owner) return null;
  const options = asOptions(valuesAt(schema, pathTo(state, owner)), 'enum', (label) => label);
  if (options.length === 0) return null;
  return begins ? { from: pos, options } : { from: node.from, to: node.to, options };
}

/** Completes keys and values of a JSON document by its schema. */
export function completeBySchema(schema: Schema) {
  return (context: CompletionContext): CompletionResult | null => {
    const at = syntaxTree(context.state).resolveInner(context.pos, -1);
    // A brace or a comma stands for the object that it is in.
    const node = (at.name === '{' || at.name === ',') && at.parent ? at.parent : at;
    return completeKey(schema, context, node) ?? (node.name === 'PropertyName' ? null : completeValue(schema, context, node));
  };
}
