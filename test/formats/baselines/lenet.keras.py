"""LeNet in Keras 3: 62,006 parameters, 651,720 multiply-accumulates."""

import keras
from keras import layers


def lenet() -> keras.Model:
    """LeNet: (N, 32, 32, 3) to (N, 10).

    Pixels are between 0 and 1.
    """
    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(6, 5, activation="relu", name="conv1")(inputs)  # (28, 28, 6)
    x = layers.MaxPooling2D(2)(x)  # (14, 14, 6)
    x = layers.Conv2D(16, 5, activation="relu", name="conv2")(x)  # (10, 10, 16)
    x = layers.MaxPooling2D(2)(x)  # (5, 5, 16)
    x = layers.Flatten()(x)
    x = layers.Dense(120, activation="relu", name="fc1")(x)  # (120)
    x = layers.Dense(84, activation="relu", name="fc2")(x)  # (84)
    x = layers.Dense(10, activation="softmax", name="fc3")(x)  # (10)
    return keras.Model(inputs, x, name="lenet")
