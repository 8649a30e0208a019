import { Range, type TextDocument, type TextEditor, Uri, ViewColumn, window, workspace } from 'vscode';
import { type AttributeEdit, SET_ATTRIBUTE_REQUEST, type SetAttribute } from '../../language/protocol.js';
import type { LanguageServer } from '../language-client.js';

export interface AttributeChange extends SetAttribute {
  /** It can be undone by itself, with the changes that follow and begin nothing. */
  readonly begins: boolean;
}

/** Writes attributes into the text while a slider is dragged: one edit at a time, the latest value next. */
export class AttributeEditor {
  private next: AttributeChange | undefined;
  private isBusy = false;

  constructor(private readonly server: LanguageServer) {}

  async set(change: AttributeChange): Promise<void> {
    // A value that was overtaken is never written, but its beginning counts.
    this.next = { ...change, begins: change.begins || (this.next?.begins ?? false) };
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      for (let latest = this.take(); latest; latest = this.take()) await this.write(latest);
    } finally {
      this.isBusy = false;
    }
  }

  private take(): AttributeChange | undefined {
    const { next } = this;
    this.next = undefined;
    return next;
  }

  private async write({ begins, ...what }: AttributeChange): Promise<void> {
    const answer = await this.server.ask<AttributeEdit | null>(SET_ATTRIBUTE_REQUEST, what);
    if (!answer) return;
    const editor = await editorOf(await workspace.openTextDocument(Uri.parse(what.uri)));
    // The user types: what was asked for is out of date.
    if (editor.document.version !== answer.version) return;
    const { start, end } = answer.edit.range;
    const range = new Range(start.line, start.character, end.line, end.character);
    await editor.edit((edit) => edit.replace(range, answer.edit.newText), {
      undoStopBefore: begins,
      undoStopAfter: false,
    });
  }
}

async function editorOf(document: TextDocument): Promise<TextEditor> {
  const visible = window.visibleTextEditors.find((editor) => editor.document === document);
  // In the active column it would cover the panel whose slider is moved.
  return visible ?? (await window.showTextDocument(document, { viewColumn: ViewColumn.One, preserveFocus: true }));
}
