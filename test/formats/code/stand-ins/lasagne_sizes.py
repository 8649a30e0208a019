"""A stand-in of Lasagne: layers that compute sizes by the rules of its documentation.

Arguments: a file, channels, height, width, again and again. Prints CxHxW a line.
"""

import importlib.util
import sys
import types


class Layer:
    def __init__(self, incoming, shape):
        self.output_shape = shape


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def volume(layer):
    assert len(layer.output_shape) == 3, f"takes a volume, not {layer.output_shape}"
    return layer.output_shape


def keeps(incoming, *args, **options):
    return Layer(incoming, incoming.output_shape)


def activated(incoming, nonlinearity):
    assert callable(nonlinearity)
    return keeps(incoming)


def slid(incoming, channels, kernel, stride, pad):
    _, *sizes = volume(incoming)
    out = [
        (n + 2 * p - k) // s + 1
        for n, k, s, p in zip(sizes, pair(kernel), pair(stride), pair(pad))
    ]
    return Layer(incoming, (channels, *out))


def conv(incoming, num_filters, filter_size, stride, pad, num_groups=1, **options):
    assert options.pop("nonlinearity") is None and options.pop("flip_filters") is False
    assert set(options) <= {"b"}
    assert volume(incoming)[0] % num_groups == 0 and num_filters % num_groups == 0
    return slid(incoming, num_filters, filter_size, stride, pad)


def transposed(incoming, num_filters, filter_size, stride, crop, **options):
    assert options.pop("nonlinearity") is None and options.pop("flip_filters") is True
    _, *sizes = volume(incoming)
    out = [
        (n - 1) * s + k - 2 * c
        for n, k, s, c in zip(sizes, pair(filter_size), pair(stride), pair(crop))
    ]
    return Layer(incoming, (num_filters, *out))


def pool(incoming, pool_size, stride=None, pad=0, mode="max"):
    assert mode in ("max", "average_inc_pad", "average_exc_pad")
    stride = pool_size if stride is None else stride
    return slid(incoming, volume(incoming)[0], pool_size, stride, pad)


def padding(incoming, width, val=0, batch_ndim=2):
    channels, *sizes = volume(incoming)
    return Layer(incoming, (channels, *(n + a + b for n, (a, b) in zip(sizes, width))))


def dense(incoming, num_units, **options):
    assert options.pop("nonlinearity") is None
    return Layer(incoming, (num_units,))


def flatten(incoming):
    size = 1
    for n in incoming.output_shape:
        size *= n
    return Layer(incoming, (size,))


def reshape(incoming, shape):
    own = incoming.output_shape
    shape = tuple(own[n[0] - 1] if isinstance(n, list) else n for n in shape[1:])
    a, b = flatten(incoming), flatten(Layer(None, shape))
    assert a.output_shape == b.output_shape
    return Layer(incoming, shape)


def dimshuffle(incoming, pattern):
    return Layer(incoming, tuple(incoming.output_shape[n - 1] for n in pattern[1:]))


def cut(incoming, indices, axis):
    shape = list(incoming.output_shape)
    shape[axis - 1] = len(range(*indices.indices(shape[axis - 1])))
    return Layer(incoming, tuple(shape))


def alike(incomings, *args):
    assert len({layer.output_shape for layer in incomings}) == 1
    return Layer(incomings, incomings[0].output_shape)


def concat(incomings, axis):
    first = incomings[0].output_shape
    assert axis == 1 and len({layer.output_shape[1:] for layer in incomings}) == 1
    return Layer(incomings, (sum(i.output_shape[0] for i in incomings), *first[1:]))


def upscale(incoming, scale_factor):
    channels, *sizes = volume(incoming)
    out = (n * s for n, s in zip(sizes, pair(scale_factor)))
    return Layer(incoming, (channels, *out))


layers = types.ModuleType("lasagne.layers")
layers.InputLayer = lambda shape, input_var: Layer(None, shape[1:])
layers.Conv2DLayer = conv
layers.TransposedConv2DLayer = transposed
layers.MaxPool2DLayer = pool
layers.Pool2DLayer = pool
layers.PadLayer = padding
layers.GlobalPoolLayer = lambda x, pool_function=None: Layer(x, (volume(x)[0],))
layers.DenseLayer = dense
layers.FlattenLayer = flatten
layers.ReshapeLayer = reshape
layers.DimshuffleLayer = dimshuffle
layers.SliceLayer = cut
layers.ElemwiseSumLayer = alike
layers.ElemwiseMergeLayer = alike
layers.ConcatLayer = concat
layers.Upscale2DLayer = upscale
layers.NonlinearityLayer = activated
for name in (
    "BatchNormLayer DropoutLayer ParametricRectifierLayer "
    "LocalResponseNormalization2DLayer"
).split():
    setattr(layers, name, keeps)

nonlinearities = types.ModuleType("lasagne.nonlinearities")
for name in "elu rectify sigmoid softmax softplus tanh".split():
    setattr(nonlinearities, name, lambda x: x)
nonlinearities.LeakyRectify = lambda leakiness: lambda x: x
theano = types.ModuleType("theano")
theano.tensor = types.ModuleType("theano.tensor")
for name in "clip tanh erf mul maximum max sgn".split():
    setattr(theano.tensor, name, lambda *args: args[0])
theano.tensor.nnet = types.SimpleNamespace(logsoftmax=keeps, sigmoid=keeps, softplus=keeps)
sys.modules.update(
    {
        "lasagne": types.ModuleType("lasagne"),
        "lasagne.layers": layers,
        "lasagne.nonlinearities": nonlinearities,
        "theano": theano,
        "theano.tensor": theano.tensor,
    }
)

for path, *_ in zip(*[iter(sys.argv[1:])] * 4):
    spec = importlib.util.spec_from_file_location("exported", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    channels, height, width = (*module.build_network().output_shape, 1, 1)[:3]
    print(f"{channels}x{height}x{width}")
