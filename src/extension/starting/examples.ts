import { commands, type ExtensionContext, l10n, Uri, window, workspace } from 'vscode';

/** The networks of `examples/` that *Open Example* offers, simple ones first: a folder of an extension on the web cannot be listed. */
export const examples: Readonly<Record<string, string>> = {
  lenet: 'LeNet-5, 1998',
  digits: 'Handwritten digits, with trained weights',
  shapes: 'Edges, stripes and discs, with trained weights',
  alexnet: 'AlexNet, 2012',
  vgg16: 'VGG-16, 2014',
  vgg19: 'VGG-19, 2014',
  googlenet: 'GoogLeNet, 2014',
  squeezenet: 'SqueezeNet, 2016',
  unet: 'U-Net, 2015',
  resnet18: 'ResNet-18, 2015',
  resnet34: 'ResNet-34, 2015',
  resnet50: 'ResNet-50, 2015',
  resnet101: 'ResNet-101, 2015',
  densenet121: 'DenseNet-121, 2016',
  'mobilenet-v1': 'MobileNet, 2017',
  'mobilenet-v2': 'MobileNet V2, 2018',
  'alexnet-torchvision': 'AlexNet, torchvision',
  'googlenet-torchvision': 'GoogLeNet, torchvision',
  'cs-convolution-arithmetic': 'Convolution arithmetic',
};

/**
 * *Open Example*: a copy of an example, to be changed at will. It is not saved anywhere, unless it comes with weights: those
 * lie beside it.
 */
export function activateExamples(context: ExtensionContext): void {
  const folder = Uri.joinPath(context.extensionUri, 'examples');
  context.subscriptions.push(
    commands.registerCommand('convnet.openExample', (name?: string) => openExample(folder, name)),
  );
}

type Read = (name: string) => Promise<string>;

async function openExample(folder: Uri, name?: string): Promise<void> {
  const items = Object.entries(examples).map(([example, label]) => ({
    label,
    description: `${example}.convnet`,
    example,
  }));
  const picked =
    name && Object.hasOwn(examples, name)
      ? name
      : (await window.showQuickPick(items, { title: l10n.t('Open Example'), matchOnDescription: true }))?.example;
  if (!picked) return;
  const read = async (file: string) =>
    new TextDecoder().decode(await workspace.fs.readFile(Uri.joinPath(folder, file)));
  const content = await selfContained(read, `${picked}.convnet`);
  const beside = filesBeside(content);
  if (beside.length === 0)
    await window.showTextDocument(await workspace.openTextDocument({ language: 'convnet', content }));
  else await saveCopy(folder, `${picked}.convnet`, content, beside);
}

/** Where the user wants it, with the files that it names. */
async function saveCopy(folder: Uri, name: string, content: string, beside: readonly string[]): Promise<void> {
  const [open] = workspace.workspaceFolders ?? [];
  const target = await window.showSaveDialog({
    ...(open && { defaultUri: Uri.joinPath(open.uri, name) }),
    filters: { ConvNet: ['convnet'] },
    title: l10n.t('Save a copy of {0}, with {1} beside it', name, beside.join(', ')),
  });
  if (!target) return;
  for (const file of beside) await copyUnlessKept(Uri.joinPath(folder, file), Uri.joinPath(target, '..', file), file);
  await workspace.fs.writeFile(target, new TextEncoder().encode(content));
  await window.showTextDocument(target);
}

/** Asks before other contents go: they may be weights that the user has trained. */
async function copyUnlessKept(from: Uri, to: Uri, name: string): Promise<void> {
  const replace = l10n.t('Replace');
  const question = l10n.t('{0} is there already and holds something else. Replace it?', name);
  const differs = await isOther(from, to);
  if (differs && (await window.showWarningMessage(question, { modal: true }, replace)) !== replace) return;
  await workspace.fs.copy(from, to, { overwrite: true });
}

/** Whether there is a file that is not equal to another. */
async function isOther(from: Uri, to: Uri): Promise<boolean> {
  const there = await workspace.fs.readFile(to).then(
    (bytes) => bytes,
    () => null,
  );
  if (!there) return false;
  const wanted = await workspace.fs.readFile(from);
  return there.length !== wanted.length || there.some((byte, index) => byte !== wanted[index]);
}

/** The files of weights and labels that a text names. */
export const filesBeside = (text: string): readonly string[] =>
  [...text.matchAll(/^ *(?:weights|labels) "(.*?)"/gm)].map(([, file = '']) => file);

/** The text of an example, with those it imports in it: a copy has no files beside it. */
export async function selfContained(read: Read, name: string): Promise<string> {
  const text = await read(name);
  const imports = /^import .*? from "\.\/(.*?)"$/gm;
  const files = new Set([...text.matchAll(imports)].map(([, file = '']) => file));
  const parts = await Promise.all([...files].map((file) => selfContained(read, file)));
  const own = text.replace(imports, '').replace(/\n{3,}/g, '\n\n');
  return `${[own, ...parts].map((part) => part.trimEnd()).join('\n\n')}\n`;
}
