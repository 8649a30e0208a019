"""ResNet18 in PyTorch: 11,689,512 parameters, 1,814,073,344 multiply-accumulates."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Stem(nn.Module):
    """Height x width x channels: 224x224x3 to 56x56x64."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
        self.batchnorm1 = nn.BatchNorm2d(64)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.batchnorm1(self.conv1(x)))  # (64, 112, 112)
        return F.max_pool2d(x, 3, stride=2, padding=1)  # (64, 56, 56)


class BasicBlock(nn.Module):
    """Height x width x channels: 56x56x64 to 56x56x64; 56x56x64 to 28x28x128; 28x28x128
    to 28x28x128; 4 more.
    """

    def __init__(self, in_channels: int, filters: int, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride
        self.conv1 = nn.Conv2d(
            in_channels, filters, 3, stride=stride, padding=1, bias=False
        )
        self.batchnorm1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.batchnorm2 = nn.BatchNorm2d(filters)
        if stride != 1:
            self.conv3 = nn.Conv2d(in_channels, filters, 1, stride=stride, bias=False)
            self.batchnorm3 = nn.BatchNorm2d(filters)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.batchnorm1(self.conv1(x)))
        y = self.batchnorm2(self.conv2(y))
        shortcut = x
        if self.stride != 1:
            shortcut = self.batchnorm3(self.conv3(shortcut))
        return F.relu(y + shortcut)


class Head(nn.Module):
    """Height x width x channels: 7x7x512 to 1x1x1000."""

    def __init__(self, in_channels: int, classes: int = 1000) -> None:
        super().__init__()
        self.fc1 = nn.Linear(in_channels, classes)
        self.softmax1 = nn.Softmax(dim=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.adaptive_avg_pool2d(x, 1)  # (512, 1, 1)
        x = self.fc1(torch.flatten(x, 1))  # (1000)
        return self.softmax1(x)  # (1000)


class ResNet18(nn.Module):
    """ResNet18: (N, 3, 224, 224) to (N, 1000).

    Pixels between 0 and 1, less (0.485, 0.456, 0.406), over (0.229, 0.224, 0.225).
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem1 = Stem(3)
        self.basic_block1 = BasicBlock(64, 64)
        self.basic_block2 = BasicBlock(64, 64)
        self.basic_block3 = BasicBlock(64, 128, stride=2)
        self.basic_block4 = BasicBlock(128, 128)
        self.basic_block5 = BasicBlock(128, 256, stride=2)
        self.basic_block6 = BasicBlock(256, 256)
        self.basic_block7 = BasicBlock(256, 512, stride=2)
        self.basic_block8 = BasicBlock(512, 512)
        self.head1 = Head(512)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem1(x)  # (64, 56, 56)
        x = self.basic_block1(x)  # (64, 56, 56)
        x = self.basic_block2(x)  # (64, 56, 56)
        x = self.basic_block3(x)  # (128, 28, 28)
        x = self.basic_block4(x)  # (128, 28, 28)
        x = self.basic_block5(x)  # (256, 14, 14)
        x = self.basic_block6(x)  # (256, 14, 14)
        x = self.basic_block7(x)  # (512, 7, 7)
        x = self.basic_block8(x)  # (512, 7, 7)
        return self.head1(x)  # (1000)
