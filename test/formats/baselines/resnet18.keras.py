"""ResNet18 in Keras 3: 11,689,512 parameters, 1,814,073,344 multiply-accumulates."""

import keras
from keras import layers


def stem(x, *, name: str):
    """Height x width x channels: 224x224x3 to 56x56x64."""
    x = layers.ZeroPadding2D(3)(x)
    x = layers.Conv2D(64, 7, strides=2, use_bias=False, name=f"{name}.conv1")(x)
    x = layers.BatchNormalization(
        momentum=0.9, epsilon=0.00001, name=f"{name}.batchnorm1"
    )(x)
    x = layers.Activation("relu")(x)  # (112, 112, 64)
    x = layers.ZeroPadding2D(1)(x)
    x = layers.MaxPooling2D(3, strides=2)(x)  # (56, 56, 64)
    return x


def basic_block(x, filters: int, stride: int = 1, *, name: str):
    """Height x width x channels: 56x56x64 to 56x56x64; 56x56x64 to 28x28x128; 28x28x128
    to 28x28x128; 4 more.
    """
    y = layers.ZeroPadding2D(1)(x)
    y = layers.Conv2D(filters, 3, strides=stride, use_bias=False, name=f"{name}.conv1")(
        y
    )
    y = layers.BatchNormalization(
        momentum=0.9, epsilon=0.00001, name=f"{name}.batchnorm1"
    )(y)
    y = layers.Activation("relu")(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"{name}.conv2")(
        y
    )
    y = layers.BatchNormalization(
        momentum=0.9, epsilon=0.00001, name=f"{name}.batchnorm2"
    )(y)
    shortcut = x
    if stride != 1:
        shortcut = layers.Conv2D(
            filters, 1, strides=stride, use_bias=False, name=f"{name}.conv3"
        )(shortcut)
        shortcut = layers.BatchNormalization(
            momentum=0.9, epsilon=0.00001, name=f"{name}.batchnorm3"
        )(shortcut)
    x = layers.Add()([y, shortcut])
    x = layers.Activation("relu")(x)
    return x


def head(x, classes: int = 1000, *, name: str):
    """Height x width x channels: 7x7x512 to 1x1x1000."""
    x = layers.GlobalAveragePooling2D()(x)  # (512)
    x = layers.Dense(classes, activation="softmax", name=f"{name}.fc1")(x)  # (1000)
    return x


def resnet18() -> keras.Model:
    """ResNet18: (N, 224, 224, 3) to (N, 1000).

    Pixels between 0 and 1, less (0.485, 0.456, 0.406), over (0.229, 0.224, 0.225).
    """
    inputs = keras.Input((224, 224, 3))
    x = stem(inputs, name="stem1")  # (56, 56, 64)
    x = basic_block(x, 64, name="basic_block1")  # (56, 56, 64)
    x = basic_block(x, 64, name="basic_block2")  # (56, 56, 64)
    x = basic_block(x, 128, stride=2, name="basic_block3")  # (28, 28, 128)
    x = basic_block(x, 128, name="basic_block4")  # (28, 28, 128)
    x = basic_block(x, 256, stride=2, name="basic_block5")  # (14, 14, 256)
    x = basic_block(x, 256, name="basic_block6")  # (14, 14, 256)
    x = basic_block(x, 512, stride=2, name="basic_block7")  # (7, 7, 512)
    x = basic_block(x, 512, name="basic_block8")  # (7, 7, 512)
    x = head(x, name="head1")  # (1000)
    return keras.Model(inputs, x, name="resnet18")
