"""DenseNet121 in PyTorch: 7,978,856 parameters, 2,834,161,664 multiply-accumulates."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

GROWTH = 32


class DenseLayer(nn.Module):
    """Height x width x channels: 56x56x64 to 56x56x96; 56x56x96 to 56x56x128; 56x56x128
    to 56x56x160; 55 more.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.batchnorm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, 4 * GROWTH, 1, bias=False)
        self.batchnorm2 = nn.BatchNorm2d(4 * GROWTH)
        self.conv2 = nn.Conv2d(4 * GROWTH, GROWTH, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(F.relu(self.batchnorm1(x)))
        y = self.conv2(F.relu(self.batchnorm2(y)))
        return torch.cat([x, y], dim=1)


class DenseBlock(nn.Module):
    """Height x width x channels: 56x56x64 to 56x56x256; 28x28x128 to 28x28x512;
    14x14x256 to 14x14x1024; 1 more.
    """

    def __init__(self, in_channels: int, layers: int) -> None:
        super().__init__()
        channels = in_channels
        self.dense_layer1 = nn.Sequential()
        for _ in range(layers):
            self.dense_layer1.append(DenseLayer(channels))
            channels += GROWTH

    def forward(self, x: Tensor) -> Tensor:
        return self.dense_layer1(x)


class Transition(nn.Module):
    """Height x width x channels: 56x56x256 to 28x28x128; 28x28x512 to 14x14x256;
    14x14x1024 to 7x7x512.
    """

    def __init__(self, in_channels: int, filters: int) -> None:
        super().__init__()
        self.batchnorm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, filters, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(F.relu(self.batchnorm1(x)))
        return F.avg_pool2d(x, 2)


class DenseNet121(nn.Module):
    """DenseNet121: (N, 3, 224, 224) to (N, 1000).

    Pixels between 0 and 1, less (0.485, 0.456, 0.406), over (0.229, 0.224, 0.225).
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 2 * GROWTH, 7, stride=2, padding=3, bias=False)
        self.batchnorm1 = nn.BatchNorm2d(2 * GROWTH)
        self.dense_block1 = DenseBlock(2 * GROWTH, 6)
        self.transition1 = Transition(256, 128)
        self.dense_block2 = DenseBlock(128, 12)
        self.transition2 = Transition(512, 256)
        self.dense_block3 = DenseBlock(256, 24)
        self.transition3 = Transition(1024, 512)
        self.dense_block4 = DenseBlock(512, 16)
        self.batchnorm2 = nn.BatchNorm2d(1024)
        self.fc1 = nn.Linear(1024, 1000)
        self.softmax1 = nn.Softmax(dim=1)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.batchnorm1(self.conv1(x)))  # (64, 112, 112)
        x = F.max_pool2d(x, 3, stride=2, padding=1)  # (64, 56, 56)
        x = self.dense_block1(x)  # (256, 56, 56)
        x = self.transition1(x)  # (128, 28, 28)
        x = self.dense_block2(x)  # (512, 28, 28)
        x = self.transition2(x)  # (256, 14, 14)
        x = self.dense_block3(x)  # (1024, 14, 14)
        x = self.transition3(x)  # (512, 7, 7)
        x = self.dense_block4(x)  # (1024, 7, 7)
        x = F.relu(self.batchnorm2(x))  # (1024, 7, 7)
        x = F.adaptive_avg_pool2d(x, 1)  # (1024, 1, 1)
        x = self.fc1(torch.flatten(x, 1))  # (1000)
        return self.softmax1(x)  # (1000)
