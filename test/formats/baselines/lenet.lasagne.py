"""LeNet in Lasagne."""

from lasagne.layers import (
    Conv2DLayer,
    DenseLayer,
    FlattenLayer,
    InputLayer,
    MaxPool2DLayer,
    NonlinearityLayer,
)
from lasagne.nonlinearities import rectify, softmax


def build_network(input_var=None):
    network = InputLayer((None, 3, 32, 32), input_var)
    network = Conv2DLayer(
        network,
        num_filters=6,
        filter_size=5,
        stride=1,
        pad=0,
        nonlinearity=None,
        flip_filters=False,
    )
    network = NonlinearityLayer(network, rectify)
    network = MaxPool2DLayer(network, pool_size=2, stride=2)
    network = Conv2DLayer(
        network,
        num_filters=16,
        filter_size=5,
        stride=1,
        pad=0,
        nonlinearity=None,
        flip_filters=False,
    )
    network = NonlinearityLayer(network, rectify)
    network = MaxPool2DLayer(network, pool_size=2, stride=2)
    network = DenseLayer(FlattenLayer(network), num_units=120, nonlinearity=None)
    network = NonlinearityLayer(network, rectify)
    network = DenseLayer(network, num_units=84, nonlinearity=None)
    network = NonlinearityLayer(network, rectify)
    network = DenseLayer(network, num_units=10, nonlinearity=None)
    network = NonlinearityLayer(network, softmax)
    return network
