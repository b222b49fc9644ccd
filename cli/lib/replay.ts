/** Lines that are compared to find the place; fewer would take one of several equal lines for the right one. */
const CONTEXT = 5;

/**
 * After a lost connection the end of a log comes once more. `Replay` finds where the lines that were printed end in it, and lets
 * through only what follows. Pure: lines in, lines to print out.
 */
export class Replay<L extends { readonly text: string }> {
  readonly #printed: readonly string[];
  readonly #most: number;
  #held: L[] = [];
  #found = false;

  /** `printed` are the newest lines that were printed, oldest first; `most` is how many lines come again at the most. */
  constructor(printed: readonly string[], most: number) {
    this.#printed = printed.slice(-CONTEXT);
    this.#most = most;
    this.#found = printed.length === 0;
  }

  /** Takes the next line and gives back those that are to be printed now. */
  push(line: L): L[] {
    if (this.#found) return [line];
    this.#held.push(line);
    if (this.#endsAsPrinted()) {
      this.#found = true;
      this.#held = [];
      return [];
    }
    return this.#held.length >= this.#most ? this.flush() : [];
  }

  /** The place was not found: everything that was held back is new as far as one can tell. */
  flush(): L[] {
    this.#found = true;
    const held = this.#held;
    this.#held = [];
    return held;
  }

  #endsAsPrinted(): boolean {
    const context = this.#printed.slice(-this.#held.length);
    const start = this.#held.length - context.length;
    // At the very beginning of what came again a shorter match is all there can be.
    if (context.length < this.#printed.length && start > 0) return false;
    return context.every((text, index) => this.#held[start + index]?.text === text) && context.length === Math.min(this.#printed.length, this.#held.length);
  }
}
