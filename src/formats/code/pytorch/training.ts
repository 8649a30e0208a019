import type { CheckedNetwork } from '../../../network/check.js';
import type { Shape } from '../../../network/shape.js';
import { className, layOut, python } from '../python.js';
import type { WrittenModule } from './write.js';

/** What a network learns from, and what the difference is called. */
interface Task {
  readonly loss: string;
  readonly doc: string;
  /** Labels of random pictures. */
  readonly labels: string;
  /** How right an answer is; empty where there is no right or wrong. */
  readonly correct: string;
  /** Whether a folder of pictures a class is what it learns from. */
  readonly isClassifier: boolean;
}

function taskOf({ network }: CheckedNetwork, output: Shape): Task {
  const last = network.layers.at(-1)?.kind;
  const isVector = output.height * output.width === 1;
  const size = `${output.height}, ${output.width}`;
  if (last === 'sigmoid')
    return {
      loss: 'F.binary_cross_entropy(outputs, labels)',
      doc: 'labels: numbers from 0 to 1, of the shape of the output.',
      labels: `torch.rand(count, ${isVector ? output.channels : `${output.channels}, ${size}`}).round()`,
      correct: '((outputs > 0.5) == (labels > 0.5)).float().mean()',
      isClassifier: false,
    };
  if (output.channels === 1 || (!isVector && last !== 'softmax' && last !== 'logsoftmax'))
    return {
      loss: 'F.mse_loss(outputs, labels)',
      doc: 'labels: what the output should be, of its shape.',
      labels: `torch.rand(count, ${isVector ? output.channels : `${output.channels}, ${size}`})`,
      correct: '',
      isClassifier: false,
    };
  return {
    loss: 'F.cross_entropy(outputs, labels)',
    doc: isVector ? 'labels: (N,), the classes.' : 'labels: (N, H, W), the class of each pixel.',
    labels: `torch.randint(${output.channels}, (count,${isVector ? '' : ` ${size}`}))`,
    correct: '(outputs.argmax(dim=1) == labels).float().mean()',
    isClassifier: isVector,
  };
}

/** A script that trains the module beside it: on the CPU, on one GPU, or under torchrun on several. */
export function trainingScript(checked: CheckedNetwork, { paths }: WrittenModule, fileName: string): string {
  const { network, facts } = checked;
  const name = className(network.name);
  const input = facts[0]?.output as Shape;
  const output = facts.at(-1)?.output as Shape;
  const task = taskOf(checked, output);
  const [layer] = network.layers;
  const { mean, std, scale } = layer?.kind === 'input' && layer.attributes ? layer.attributes : PLAIN;
  const list = (values: readonly number[]) => `[${values.map(python.literal).join(', ')}]`;
  const isModule = python.name(fileName) === fileName;
  const last = network.layers.at(-1);
  const softmax =
    last?.kind === 'softmax' || last?.kind === 'logsoftmax' ? paths.get(network.layers.length - 1) : undefined;
  const logits =
    softmax === undefined
      ? ''
      : `    # The loss has a softmax of its own.
    model.${softmax.replaceAll(/\.(\d+)/g, '[$1]')} = nn.Identity()
`;
  const isNormalised = scale !== 1 || mean.some((value) => value !== 0) || std.some((value) => value !== 1);
  const times = scale === 1 ? 'float() / 255' : `float() * ${python.literal(scale)} / 255`;
  const script = `"""Trains ${name} on the CPU, on one GPU, or on several.

    python ${fileName}_train.py --data random --epochs 1
    python ${fileName}_train.py --data ${task.isClassifier ? 'pictures' : 'data.pt'}
    torchrun --nproc_per_node=4 ${fileName}_train.py --data ${task.isClassifier ? 'pictures' : 'data.pt'}

--data is "random" to try it out${
    task.isClassifier
      ? `, a folder of pictures (train/<class>/*.jpg and
val/<class>/*.jpg; this needs torchvision)`
      : ''
  } or a file that torch.save wrote: a dict
{"train": (images, labels), "val": (images, labels)}.
images: (N, ${input.channels}, ${input.height}, ${input.width}), uint8. ${task.doc}
"""

import argparse
import os
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, Dataset, DistributedSampler, TensorDataset
${isModule ? `\nfrom ${fileName} import ${name}\n` : `\nimport importlib\n\n${name} = importlib.import_module("${fileName}").${name}\n`}${
  isNormalised
    ? `
MEAN = torch.tensor(${list(mean)}).view(1, -1, 1, 1)
STD = torch.tensor(${list(std)}).view(1, -1, 1, 1)
`
    : ''
}

def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Trains ${name}.")
    parser.add_argument("--data", default="random")
    parser.add_argument("--epochs", type=int, default=90)
    parser.add_argument("--batch", type=int, default=64, help="pictures a step and GPU")
    parser.add_argument("--rate", type=float, default=0.1, help="learning rate")
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--decay", type=float, default=1e-4, help="weight decay")
    parser.add_argument("--workers", type=int, default=4, help="processes that load")
    parser.add_argument("--amp", action="store_true", help="bfloat16 where it is safe")
    parser.add_argument("--checkpoint", type=Path, default=Path("${fileName}.pt"))
    parser.add_argument("--resume", action="store_true", help="go on from --checkpoint")
    return parser.parse_args()


def load(data: str, split: str) -> Dataset:
    path = Path(data)
    if data == "random":
        count = 256 if split == "train" else 64
        images = torch.randint(256, (count, ${input.channels}, ${input.height}, ${input.width}), dtype=torch.uint8)
        return TensorDataset(images, ${task.labels})
${
  task.isClassifier
    ? `    if path.is_dir():
        from torchvision import datasets, transforms

        size = (${input.height}, ${input.width})
        if split == "train":
            steps = [
                transforms.RandomResizedCrop(size),
                transforms.RandomHorizontalFlip(),
            ]
        else:
            steps = [transforms.Resize(max(size) * 8 // 7), transforms.CenterCrop(size)]
${input.channels === 1 ? '        steps.append(transforms.Grayscale())\n' : ''}        steps = transforms.Compose([*steps, transforms.PILToTensor()])
        return datasets.ImageFolder(str(path / split), steps)
`
    : ''
}    return TensorDataset(*torch.load(path)[split])


def prepare(batch: list[Tensor], device: torch.device) -> tuple[Tensor, Tensor]:
    """Pixels between 0 and 1${isNormalised ? ', normalised' : ''}, on the device."""
    images, labels = (tensor.to(device, non_blocking=True) for tensor in batch)
    images = images.${times}
    return ${isNormalised ? '(images - MEAN.to(device)) / STD.to(device)' : 'images'}, labels


def total(value: float, count: int, device: torch.device) -> float:
    """The mean over all processes."""
    sums = torch.tensor([value, float(count)], device=device)
    if dist.is_initialized():
        dist.all_reduce(sums)
    return (sums[0] / sums[1].clamp(min=1)).item()


def main() -> None:
    options = arguments()
    distributed = "RANK" in os.environ
    cuda = torch.cuda.is_available()
    if distributed:
        dist.init_process_group("nccl" if cuda else "gloo")
    rank = dist.get_rank() if distributed else 0
    device = torch.device(f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if cuda else "cpu")
    if cuda:
        torch.cuda.set_device(device)
    torch.manual_seed(0)

    model = ${name}()
${logits}    model.to(device)
    start = 0
    saved = None
    if options.resume:
        saved = torch.load(options.checkpoint, map_location=device)
        model.load_state_dict(saved["model"])
        start = saved["epoch"] + 1
    trained = model
    if distributed:
        model = nn.SyncBatchNorm.convert_sync_batchnorm(model) if cuda else model
        trained = DistributedDataParallel(model, [device.index] if cuda else None)
    optimizer = torch.optim.SGD(
        [parameter for parameter in model.parameters() if parameter.requires_grad],
        lr=options.rate,
        momentum=options.momentum,
        weight_decay=options.decay,
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, options.epochs)
    if saved:
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])

    loaders = {}
    for split in ("train", "val"):
        dataset = load(options.data, split)
        sampler = None
        if distributed:
            sampler = DistributedSampler(dataset, shuffle=split == "train")
        loaders[split] = DataLoader(
            dataset,
            options.batch,
            shuffle=sampler is None and split == "train",
            sampler=sampler,
            num_workers=0 if options.data == "random" else options.workers,
            pin_memory=cuda,
            drop_last=split == "train" and len(dataset) > options.batch,
        )

    for epoch in range(start, options.epochs):
        report = [f"epoch {epoch + 1}/{options.epochs}"]
        for split, loader in loaders.items():
            training = split == "train"
            trained.train(training)
            if training and distributed:
                loader.sampler.set_epoch(epoch)
            losses, ${task.correct ? 'right, ' : ''}count = 0.0, ${task.correct ? '0.0, ' : ''}0
            for batch in loader:
                images, labels = prepare(batch, device)
                with torch.set_grad_enabled(training):
                    with torch.autocast(device.type, torch.bfloat16, options.amp):
                        outputs = trained(images)
                    outputs = outputs.float()
                    loss = ${task.loss}
                if training:
                    optimizer.zero_grad(set_to_none=True)
                    loss.backward()
                    optimizer.step()
                losses += loss.item() * len(images)
${task.correct ? `                right += ${task.correct}.item() * len(images)\n` : ''}                count += len(images)
            report.append(f"{split} loss {total(losses, count, device):.4f}")
${task.correct ? '            report.append(f"{total(right, count, device):.1%} right")\n' : ''}        schedule.step()
        if rank == 0:
            print(", ".join(report), flush=True)
            state = {"model": model.state_dict(), "epoch": epoch}
            state["optimizer"] = optimizer.state_dict()
            state["schedule"] = schedule.state_dict()
            torch.save(state, options.checkpoint)
    if distributed:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
`;
  // Names and sizes make some lines longer than others.
  return script
    .split('\n')
    .flatMap((text) => layOut(text.search(/\S|$/) / 4, text.trimStart()))
    .join('\n');
}

const PLAIN = { mean: [0], std: [1], scale: 1 };
