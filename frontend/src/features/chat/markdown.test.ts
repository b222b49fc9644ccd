import { describe, expect, it } from 'vitest';
import { renderMarkdown } from './markdown.ts';

describe('answers of a claw', () => {
  it('become paragraphs, lists and code', () => {
    expect(renderMarkdown('**hi**\n\n- a\n- b')).toContain('<strong>hi</strong>');
    expect(renderMarkdown('```js\nlet a\n```')).toContain('<pre><code class="language-js">');
  });

  it('cannot carry markup of their own', () => {
    expect(renderMarkdown('<img src=x onerror=alert(1)>')).not.toContain('<img');
    expect(renderMarkdown('<script>alert(1)</script>')).toContain('&lt;script&gt;');
  });

  it('cannot link to scripts, and links leave no trace', () => {
    expect(renderMarkdown('[x](javascript:alert(1))')).not.toContain('href');
    expect(renderMarkdown('https://example.org')).toContain('rel="noopener noreferrer nofollow"');
  });

  it('ask no other origin for pictures', () => {
    expect(renderMarkdown('![x](https://example.org/pixel.png)')).not.toContain('<img');
  });
});
