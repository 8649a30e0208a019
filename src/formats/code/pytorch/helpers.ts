import type { Helper } from './layers.js';

/** What PyTorch does not have, in PyTorch: each stands in the module that needs it. */
export const helpers: Readonly<Record<Helper, string>> = {
  same: `class Conv2dSame(nn.Conv2d):
    """A convolution with TensorFlow's "same" padding: an odd zero goes to the end."""

    def forward(self, x: Tensor) -> Tensor:
        pads = []
        sizes = zip(x.shape[2:], self.kernel_size, self.stride, self.dilation)
        for size, kernel, stride, dilation in sizes:
            covered = ((size - 1) // stride) * stride + dilation * (kernel - 1) + 1
            missing = max(covered - size, 0)
            pads = [missing // 2, missing - missing // 2, *pads]
        return super().forward(F.pad(x, pads))`,
  gaussian: `def gaussian_blur(x: Tensor, sigma: float, size: int) -> Tensor:
    """A bell curve over each channel; beyond the border the edge goes on."""
    places = torch.arange(size, dtype=x.dtype, device=x.device) - (size - 1) / 2
    bell = torch.exp(-(places**2) / (2 * sigma**2))
    bell = (bell / bell.sum()).expand(x.shape[1], 1, 1, size)
    x = F.pad(x, 4 * (size // 2,), mode="replicate")
    x = F.conv2d(x, bell, groups=x.shape[1])
    return F.conv2d(x, bell.transpose(2, 3), groups=x.shape[1])`,
  gabor: `def gabor_filters(
    x: Tensor, orientations: int, wavelength: float, sigma: float, size: int
) -> Tensor:
    """Wave packets over the mean of the channels; beyond the border the edge goes on."""
    places = torch.arange(size, dtype=x.dtype, device=x.device) - (size - 1) / 2
    angles = torch.arange(orientations, dtype=x.dtype, device=x.device)
    angles = (angles * (torch.pi / orientations)).view(-1, 1, 1)
    rows, columns = places.view(1, -1, 1), places.view(1, 1, -1)
    across = columns * torch.cos(angles) + rows * torch.sin(angles)
    along = (rows * torch.cos(angles) - columns * torch.sin(angles)) / 2
    packets = torch.exp(-(across**2 + along**2) / (2 * sigma**2))
    packets = packets * torch.cos(2 * torch.pi * across / wavelength)
    packets = packets - packets.mean(dim=(1, 2), keepdim=True)
    packets = packets / packets.abs().sum(dim=(1, 2), keepdim=True)
    x = F.pad(x.mean(dim=1, keepdim=True), 4 * (size // 2,), mode="replicate")
    return F.conv2d(x, packets.unsqueeze(1))`,
  sobel: `def sobel(x: Tensor, magnitude: bool = False) -> Tensor:
    """The change of each channel to the right and downwards, or how much in all."""
    smooth = torch.tensor([1.0, 2.0, 1.0], dtype=x.dtype, device=x.device)
    change = torch.tensor([-1.0, 0.0, 1.0], dtype=x.dtype, device=x.device)
    right = torch.outer(smooth, change)
    filters = torch.stack([right, right.T]).unsqueeze(1)
    channels = x.shape[1]
    x = F.pad(x, (1, 1, 1, 1), mode="replicate")
    x = F.conv2d(x, filters.repeat(channels, 1, 1, 1), groups=channels)
    if not magnitude:
        return x
    return x.unflatten(1, (channels, 2)).square().sum(dim=2).sqrt()`,
};
