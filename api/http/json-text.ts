/** JSON that is already text, for answers whose parts are kept ready. It holds one valid JSON value. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
