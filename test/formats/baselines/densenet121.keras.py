"""DenseNet121 in Keras 3: 7,978,856 parameters, 2,834,161,664 multiply-accumulates."""

import keras
from keras import layers

GROWTH = 32


def dense_layer(x, *, name: str):
    """Height x width x channels: 56x56x64 to 56x56x96; 56x56x96 to 56x56x128; 56x56x128
    to 56x56x160; 55 more.
    """
    y = layers.BatchNormalization(
        momentum=0.9, epsilon=0.00001, name=f"{name}.batchnorm1"
    )(x)
    y = layers.Activation("relu")(y)
    y = layers.Conv2D(4 * GROWTH, 1, use_bias=False, name=f"{name}.conv1")(y)
    y = layers.BatchNormalization(
        momentum=0.9, epsilon=0.00001, name=f"{name}.batchnorm2"
    )(y)
    y = layers.Activation("relu")(y)
    y = layers.Conv2D(GROWTH, 3, padding="same", use_bias=False, name=f"{name}.conv2")(
        y
    )
    x = layers.Concatenate()([x, y])
    return x


def dense_block(x, layers_: int, *, name: str):
    """Height x width x channels: 56x56x64 to 56x56x256; 28x28x128 to 28x28x512;
    14x14x256 to 14x14x1024; 1 more.
    """
    for index in range(layers_):
        x = dense_layer(x, name=f"{name}.dense_layer1.{index}")
    return x


def transition(x, filters: int, *, name: str):
    """Height x width x channels: 56x56x256 to 28x28x128; 28x28x512 to 14x14x256;
    14x14x1024 to 7x7x512.
    """
    x = layers.BatchNormalization(
        momentum=0.9, epsilon=0.00001, name=f"{name}.batchnorm1"
    )(x)
    x = layers.Activation("relu")(x)
    x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}.conv1")(x)
    x = layers.AveragePooling2D(2)(x)
    return x


def densenet121() -> keras.Model:
    """DenseNet121: (N, 224, 224, 3) to (N, 1000).

    Pixels between 0 and 1, less (0.485, 0.456, 0.406), over (0.229, 0.224, 0.225).
    """
    inputs = keras.Input((224, 224, 3))
    x = layers.ZeroPadding2D(3)(inputs)
    x = layers.Conv2D(2 * GROWTH, 7, strides=2, use_bias=False, name="conv1")(x)
    x = layers.BatchNormalization(momentum=0.9, epsilon=0.00001, name="batchnorm1")(x)
    x = layers.Activation("relu")(x)  # (112, 112, 64)
    x = layers.ZeroPadding2D(1)(x)
    x = layers.MaxPooling2D(3, strides=2)(x)  # (56, 56, 64)
    x = dense_block(x, 6, name="dense_block1")  # (56, 56, 256)
    x = transition(x, 128, name="transition1")  # (28, 28, 128)
    x = dense_block(x, 12, name="dense_block2")  # (28, 28, 512)
    x = transition(x, 256, name="transition2")  # (14, 14, 256)
    x = dense_block(x, 24, name="dense_block3")  # (14, 14, 1024)
    x = transition(x, 512, name="transition3")  # (7, 7, 512)
    x = dense_block(x, 16, name="dense_block4")  # (7, 7, 1024)
    x = layers.BatchNormalization(momentum=0.9, epsilon=0.00001, name="batchnorm2")(x)
    x = layers.Activation("relu")(x)  # (7, 7, 1024)
    x = layers.GlobalAveragePooling2D()(x)  # (1024)
    x = layers.Dense(1000, activation="softmax", name="fc1")(x)  # (1000)
    return keras.Model(inputs, x, name="densenet121")
