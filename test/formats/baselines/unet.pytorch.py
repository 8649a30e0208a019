"""UNet2015 in PyTorch: 31,030,658 parameters, 150,428,424,448 multiply-accumulates."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Twice(nn.Module):
    """Height x width x channels: 572x572x1 to 568x568x64; 284x284x64 to 280x280x128;
    140x140x128 to 136x136x256; 6 more.
    """

    def __init__(self, in_channels: int, filters: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, filters, 3)
        self.conv2 = nn.Conv2d(filters, filters, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x))
        return F.relu(self.conv2(x))


class UNet2015(nn.Module):
    """UNet2015: (N, 1, 572, 572) to (N, 2, 388, 388).

    Pixels are between 0 and 1.
    """

    def __init__(self) -> None:
        super().__init__()
        self.down1 = Twice(1, 64)
        self.down2 = Twice(64, 128)
        self.down3 = Twice(128, 256)
        self.twice1 = Twice(256, 512)
        self.down4 = nn.Dropout(0.5)
        self.twice2 = Twice(512, 1024)
        self.dropout1 = nn.Dropout(0.5)
        self.convtranspose1 = nn.ConvTranspose2d(1024, 512, 2, stride=2)
        self.twice3 = Twice(1024, 512)
        self.convtranspose2 = nn.ConvTranspose2d(512, 256, 2, stride=2)
        self.twice4 = Twice(512, 256)
        self.convtranspose3 = nn.ConvTranspose2d(256, 128, 2, stride=2)
        self.twice5 = Twice(256, 128)
        self.convtranspose4 = nn.ConvTranspose2d(128, 64, 2, stride=2)
        self.twice6 = Twice(128, 64)
        self.conv1 = nn.Conv2d(64, 2, 1)
        self.softmax1 = nn.Softmax(dim=1)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        down1 = self.down1(x)  # (64, 568, 568)
        x = F.max_pool2d(down1, 2)  # (64, 284, 284)
        down2 = self.down2(x)  # (128, 280, 280)
        x = F.max_pool2d(down2, 2)  # (128, 140, 140)
        down3 = self.down3(x)  # (256, 136, 136)
        x = F.max_pool2d(down3, 2)  # (256, 68, 68)
        x = self.twice1(x)  # (512, 64, 64)
        down4 = self.down4(x)  # (512, 64, 64)
        x = F.max_pool2d(down4, 2)  # (512, 32, 32)
        x = self.twice2(x)  # (1024, 28, 28)
        x = self.dropout1(x)  # (1024, 28, 28)
        up4 = F.relu(self.convtranspose1(x))  # (512, 56, 56)
        x = down4[:, :, 4:60, 4:60]  # (512, 56, 56)
        x = torch.cat([x, up4], dim=1)  # (1024, 56, 56)
        x = self.twice3(x)  # (512, 52, 52)
        up3 = F.relu(self.convtranspose2(x))  # (256, 104, 104)
        x = down3[:, :, 16:120, 16:120]  # (256, 104, 104)
        x = torch.cat([x, up3], dim=1)  # (512, 104, 104)
        x = self.twice4(x)  # (256, 100, 100)
        up2 = F.relu(self.convtranspose3(x))  # (128, 200, 200)
        x = down2[:, :, 40:240, 40:240]  # (128, 200, 200)
        x = torch.cat([x, up2], dim=1)  # (256, 200, 200)
        x = self.twice5(x)  # (128, 196, 196)
        up1 = F.relu(self.convtranspose4(x))  # (64, 392, 392)
        x = down1[:, :, 88:480, 88:480]  # (64, 392, 392)
        x = torch.cat([x, up1], dim=1)  # (128, 392, 392)
        x = self.twice6(x)  # (64, 388, 388)
        x = self.conv1(x)  # (2, 388, 388)
        return self.softmax1(x)  # (2, 388, 388)
