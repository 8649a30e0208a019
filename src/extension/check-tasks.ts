import {
  type ExtensionContext,
  l10n,
  ProcessExecution,
  Task,
  type TaskDefinition,
  TaskGroup,
  type TaskProvider,
  TaskScope,
  tasks,
  Uri,
  type WorkspaceFolder,
  window,
  workspace,
} from 'vscode';
import { isConvNet } from './documents.js';

const TYPE = 'convnet';

/** What tasks.json may say. */
interface CheckDefinition extends TaskDefinition {
  readonly type: typeof TYPE;
  /** Files and folders, relative to the folder of the workspace; the whole folder where there are none. */
  readonly paths?: readonly string[];
  readonly like?: string;
}

/** Tasks that run `convnet check`, the program that comes with the extension. */
export function activateCheckTasks(context: ExtensionContext): void {
  const program = Uri.joinPath(context.extensionUri, context.extension.packageJSON.bin.convnet).fsPath;
  context.subscriptions.push(tasks.registerTaskProvider(TYPE, new CheckTasks(program)));
}

class CheckTasks implements TaskProvider {
  constructor(private readonly program: string) {}

  provideTasks(): Task[] {
    // A task is a program that runs: not in a workspace that is not trusted.
    if (!workspace.isTrusted) return [];
    const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const document = window.activeTextEditor?.document;
    const file = document && isConvNet(document) && document.uri.scheme === 'file' ? document.uri : undefined;
    const folderOfFile = file && workspace.getWorkspaceFolder(file);
    return [
      ...folders.map((folder) => this.task({ type: TYPE }, folder, l10n.t('check all networks'))),
      ...(file && folderOfFile
        ? [
            this.task(
              { type: TYPE, paths: [workspace.asRelativePath(file, false)] },
              folderOfFile,
              l10n.t('check {0}', workspace.asRelativePath(file, false)),
            ),
          ]
        : []),
    ];
  }

  /** Fills in one that tasks.json names. */
  resolveTask(task: Task): Task | undefined {
    const scope = typeof task.scope === 'object' ? task.scope : workspace.workspaceFolders?.[0];
    return this.task(task.definition as CheckDefinition, scope, task.name);
  }

  private task(definition: CheckDefinition, folder: WorkspaceFolder | undefined, name: string): Task {
    const { paths = ['.'], like } = definition;
    const args = ['check', ...(paths.length > 0 ? paths : ['.']), ...(like ? ['--like', like] : [])];
    // VS Code's own program, be it Electron or Node, runs ours.
    const execution = new ProcessExecution(process.execPath, [this.program, ...args], {
      env: { ELECTRON_RUN_AS_NODE: '1' },
      ...(folder && { cwd: folder.uri.fsPath }),
    });
    const task = new Task(definition, folder ?? TaskScope.Workspace, name, 'convnet', execution, [
      '$convnet',
      '$convnet-like',
    ]);
    task.group = TaskGroup.Test;
    task.detail = `convnet ${args.join(' ')}`;
    return task;
  }
}
