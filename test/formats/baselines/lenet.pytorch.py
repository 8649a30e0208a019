"""LeNet in PyTorch: 62,006 parameters, 651,720 multiply-accumulates."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LeNet(nn.Module):
    """LeNet: (N, 3, 32, 32) to (N, 10).

    Pixels are between 0 and 1.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        self.softmax1 = nn.Softmax(dim=1)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x))  # (6, 28, 28)
        x = F.max_pool2d(x, 2)  # (6, 14, 14)
        x = F.relu(self.conv2(x))  # (16, 10, 10)
        x = F.max_pool2d(x, 2)  # (16, 5, 5)
        x = F.relu(self.fc1(torch.flatten(x, 1)))  # (120)
        x = F.relu(self.fc2(x))  # (84)
        x = self.fc3(x)  # (10)
        return self.softmax1(x)  # (10)
