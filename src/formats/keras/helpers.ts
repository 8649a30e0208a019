/** What Keras has no layer for, as functions that stand in the module that needs them. */
export type Helper = 'padLowest' | 'lrn';

export const helpers: Readonly<Record<Helper, string>> = {
  padLowest: `def pad_lowest(x, border):
    """Puts numbers around a volume that win no maximum."""
    sides = (border, border) if isinstance(border, int) else border
    top, left = [(side, side) if isinstance(side, int) else side for side in sides]
    width = ((0, 0), top, left, (0, 0))
    return ops.pad(x, width, constant_values=-float("inf"))`,
  lrn: `def local_response_norm(x, size, alpha, beta, k):
    """Divides each number by the activity of the channels beside it."""
    channels = x.shape[-1]
    beside = (size // 2, (size - 1) // 2)
    squares = ops.pad(ops.square(x), ((0, 0), (0, 0), (0, 0), beside))
    activity = sum(squares[..., i : i + channels] for i in range(size))
    return x / (k + alpha / size * activity) ** beta`,
};
