import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { toNCHW } from '../../../src/engine/tensor.js';
import { readOnnx } from '../../../src/formats/onnx/read.js';
import { relativeError } from '../../engine/build.js';
import { runImported } from '../oracles.js';
import { python } from '../runtimes.js';

/** What PyTorch's exporter makes of modules: sizes worked out in the graph, layers in single steps, axes turned round. */
const program = `
import sys, torch, torchvision, warnings
from torch import nn
from torch.nn import functional as F
from torchvision.models.convnext import ConvNeXt, CNBlockConfig
warnings.filterwarnings("ignore")
folder = sys.argv[1]

class Of(nn.Module):
    def __init__(self, forward, *parts):
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.does = forward
    def forward(self, x):
        return self.does(x, *self.parts)

class ChannelNorm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(channels) + 0.5)
        self.bias = nn.Parameter(torch.rand(channels))
    def forward(self, x):
        mean = x.mean(1, keepdim=True)
        variance = (x - mean).pow(2).mean(1, keepdim=True)
        x = (x - mean) / torch.sqrt(variance + 1e-6)
        return self.weight[:, None, None] * x + self.bias[:, None, None]

def last(x, *parts):
    x = x.permute(0, 2, 3, 1)
    for part in parts:
        x = part(x)
    return x.permute(0, 3, 1, 2)

modules = {
    "convnext": (ConvNeXt([CNBlockConfig(8, 16, 2), CNBlockConfig(16, None, 1)], num_classes=5), (3, 32, 32)),
    "layer norm of channels first": (nn.Sequential(nn.Conv2d(3, 6, 3), ChannelNorm(6), nn.ReLU()), (3, 9, 9)),
    "channels last": (Of(last, nn.Linear(3, 8), nn.GELU(), nn.Linear(8, 4), nn.LayerNorm(4)), (3, 5, 6)),
    "activation functions": (nn.Sequential(nn.Conv2d(3, 4, 1), nn.SiLU(), nn.Mish(), nn.GELU(), nn.Hardswish(), nn.SELU(), nn.ReLU6()), (3, 6, 6)),
    "clamp": (Of(lambda x: torch.clamp(x, -0.5, 0.7) + torch.clamp(x, min=0.2) - torch.clamp(x, max=-0.1)), (3, 6, 6)),
    "max of a number": (Of(lambda x: torch.max(x, torch.tensor(0.3)) * torch.min(x, torch.tensor(-0.2))), (3, 6, 6)),
    "softmax along rows": (Of(lambda x: torch.softmax(x, -1)), (3, 5, 7)),
    "softmax along columns": (Of(lambda x: torch.log_softmax(x, 2)), (3, 5, 7)),
    "softmax of places": (Of(lambda x: torch.softmax(x.flatten(2), -1).view(x.shape)), (3, 5, 7)),
    "bicubic": (Of(lambda x: F.interpolate(x, size=(9, 11), mode="bicubic", align_corners=False)), (3, 6, 8)),
    "bilinear to a size": (Of(lambda x: F.interpolate(x, size=(9, 11), mode="bilinear", align_corners=False)), (3, 6, 8)),
    "bilinear with corners": (Of(lambda x: F.interpolate(x, size=(9, 11), mode="bilinear", align_corners=True)), (3, 6, 8)),
    "nearest to a size": (Of(lambda x: F.interpolate(x, size=(9, 11), mode="nearest")), (3, 6, 8)),
    "twice as large": (Of(lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)), (3, 6, 8)),
    "as large as another": (Of(lambda x, down: x + F.interpolate(down(x), size=x.shape[2:], mode="nearest"), nn.Conv2d(3, 3, 2, stride=2)), (3, 6, 8)),
    "flattened by its sizes": (Of(lambda x, conv, fc: fc(conv(x).view(x.size(0), -1)), nn.Conv2d(3, 4, 3), nn.Linear(64, 7)), (3, 6, 6)),
    "means": (Of(lambda x, fc: fc(x.mean([2, 3])), nn.Linear(3, 4)), (3, 6, 6)),
    "attention to places": (Of(lambda x, conv: x * torch.sigmoid(conv(x.mean(1, keepdim=True))), nn.Conv2d(1, 1, 3, padding=1)), (4, 6, 6)),
    "mean of rows": (Of(lambda x: x - x.mean(2, keepdim=True)), (4, 6, 5)),
    "a constant a pixel": (Of(lambda x: x * torch.linspace(0, 1, 30).view(5, 6) + torch.linspace(-1, 1, 6)), (3, 5, 6)),
    "reflected": (Of(lambda x, conv: conv(F.pad(x, (1, 2, 2, 1), mode="reflect")), nn.Conv2d(3, 4, 3)), (3, 6, 6)),
    "padded with ones": (Of(lambda x: F.pad(x, (1, 2, 0, 1), value=1.0)), (3, 6, 6)),
    "pixel shuffle": (Of(lambda x, conv: F.pixel_shuffle(conv(x), 2), nn.Conv2d(3, 8, 1)), (3, 5, 5)),
    "halves": (Of(lambda x, a: torch.cat([a(x.chunk(2, 1)[0]), x.chunk(2, 1)[1]], 1), nn.Conv2d(2, 3, 1)), (4, 5, 5)),
    "normalised": (Of(lambda x: (x - torch.tensor([0.4, 0.5, 0.6]).view(3, 1, 1)) / torch.tensor([0.2, 0.3, 0.4]).view(3, 1, 1)), (3, 5, 5)),
    "scaled products": (Of(lambda x, fc: torch.addmm(fc(x.flatten(1)), x.flatten(1), torch.linspace(0, 1, 48).view(12, 4), beta=0.5, alpha=2), nn.Linear(12, 4)), (3, 2, 2)),
    "two pictures at a time": (Of(lambda x, conv: conv(x).reshape(2, -1), nn.Conv2d(3, 4, 3)), (3, 5, 5)),
}
for i, (name, (module, size)) in enumerate(modules.items()):
    torch.manual_seed(i)
    for parameter in module.parameters():
        if parameter.dim() < 2 or name == "convnext":
            parameter.data.normal_(0.1, 0.4)
    module.eval()
    x = torch.randn(2 if name.startswith("two") else 1, *size)
    torch.onnx.export(module, x, f"{folder}/{i}.onnx", opset_version=13)
    module(x)[:1].detach().numpy().tofile(f"{folder}/{i}.out")
    x[:1].numpy().tofile(f"{folder}/{i}.in")
    print(name)
`;

const folder = mkdtempSync(join(tmpdir(), 'convnet-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const names = python(['torch', 'torchvision', 'onnx'], program, [folder])?.trim().split('\n') ?? [];

const numbers = (name: string): readonly number[] => {
  const { buffer, byteOffset, byteLength } = readFileSync(join(folder, name));
  return [...new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength))];
};

describe.skipIf(names.length === 0)('what PyTorch exports is read and computes the same', () => {
  test.each(names.map((name, i) => [name, i] as const))('%s', async (_, i) => {
    const imported = readOnnx([{ name: 'net.onnx', bytes: readFileSync(join(folder, `${i}.onnx`)) }]);
    expect(imported.report.filter(({ fidelity }) => fidelity === 'unsupported')).toEqual([]);
    expect(relativeError(toNCHW(await runImported(imported, numbers(`${i}.in`))), numbers(`${i}.out`))).toBeLessThan(
      1e-5,
    );
  });
});
