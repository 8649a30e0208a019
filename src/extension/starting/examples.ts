import { commands, type ExtensionContext, l10n, Uri, window, workspace } from 'vscode';

/** The networks of `examples/` that *Open Example* offers, simple ones first: a folder of an extension on the web cannot be listed. */
export const examples: Readonly<Record<string, string>> = {
  lenet: 'LeNet-5, 1998',
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

/** *Open Example*: a copy of an example, not saved anywhere, to be changed at will. */
export function activateExamples(context: ExtensionContext): void {
  const folder = Uri.joinPath(context.extensionUri, 'examples');
  const read = async (name: string) =>
    new TextDecoder().decode(await workspace.fs.readFile(Uri.joinPath(folder, name)));
  context.subscriptions.push(
    commands.registerCommand('convnet.openExample', (name?: string) => openExample(read, name)),
  );
}

type Read = (name: string) => Promise<string>;

async function openExample(read: Read, name?: string): Promise<void> {
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
  const content = await selfContained(read, `${picked}.convnet`);
  await window.showTextDocument(await workspace.openTextDocument({ language: 'convnet', content }));
}

/** The text of an example, with those it imports in it: a copy has no files beside it. */
export async function selfContained(read: Read, name: string): Promise<string> {
  const text = await read(name);
  const imports = /^import .*? from "\.\/(.*?)"$/gm;
  const files = new Set([...text.matchAll(imports)].map(([, file = '']) => file));
  const parts = await Promise.all([...files].map((file) => selfContained(read, file)));
  const own = text.replace(imports, '').replace(/\n{3,}/g, '\n\n');
  return `${[own, ...parts].map((part) => part.trimEnd()).join('\n\n')}\n`;
}
