import { commands, type ExtensionContext, Location, Position, Range, Uri } from 'vscode';
import { SHOW_REFERENCES_COMMAND, type ShowReferences } from '../language/protocol.js';

/** What a code lens that counts references does: VS Code's own command wants its own objects. */
export function activateShowReferences(context: ExtensionContext): void {
  context.subscriptions.push(commands.registerCommand(SHOW_REFERENCES_COMMAND, showReferences));
}

const showReferences = ({ uri, position, locations }: ShowReferences): Thenable<unknown> =>
  commands.executeCommand(
    'editor.action.showReferences',
    Uri.parse(uri),
    new Position(position.line, position.character),
    locations.map(({ uri, range: { start, end } }) => {
      const range = new Range(start.line, start.character, end.line, end.character);
      return new Location(Uri.parse(uri), range);
    }),
  );
