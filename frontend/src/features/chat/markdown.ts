import MarkdownIt from 'markdown-it';

// Raw HTML stays text: what a model writes must never become markup of the portal. Links open elsewhere and tell nothing about us.
const renderer = new MarkdownIt({ html: false, linkify: true, breaks: true }).disable('image');

renderer.renderer.rules['link_open'] = (tokens, index, options, _env, self) => {
  tokens[index]?.attrSet('target', '_blank');
  tokens[index]?.attrSet('rel', 'noopener noreferrer nofollow');
  return self.renderToken(tokens, index, options);
};

/** HTML of a claw's answer. Safe to show: the renderer escapes HTML and refuses script links; images are left out so that no other origin is asked. */
export function renderMarkdown(text: string): string {
  return renderer.render(text);
}
