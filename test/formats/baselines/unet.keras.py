"""UNet2015 in Keras 3: 31,030,658 parameters, 150,428,424,448 multiply-accumulates."""

import keras
from keras import layers


def twice(x, filters: int, *, name: str):
    """Height x width x channels: 572x572x1 to 568x568x64; 284x284x64 to 280x280x128;
    140x140x128 to 136x136x256; 6 more.
    """
    x = layers.Conv2D(filters, 3, activation="relu", name=f"{name}.conv1")(x)
    x = layers.Conv2D(filters, 3, activation="relu", name=f"{name}.conv2")(x)
    return x


def unet2015() -> keras.Model:
    """UNet2015: (N, 572, 572, 1) to (N, 388, 388, 2).

    Pixels are between 0 and 1.
    """
    inputs = keras.Input((572, 572, 1))
    down1 = twice(inputs, 64, name="down1")  # (568, 568, 64)
    x = layers.MaxPooling2D(2)(down1)  # (284, 284, 64)
    down2 = twice(x, 128, name="down2")  # (280, 280, 128)
    x = layers.MaxPooling2D(2)(down2)  # (140, 140, 128)
    down3 = twice(x, 256, name="down3")  # (136, 136, 256)
    x = layers.MaxPooling2D(2)(down3)  # (68, 68, 256)
    x = twice(x, 512, name="twice1")  # (64, 64, 512)
    down4 = layers.Dropout(0.5)(x)  # (64, 64, 512)
    x = layers.MaxPooling2D(2)(down4)  # (32, 32, 512)
    x = twice(x, 1024, name="twice2")  # (28, 28, 1024)
    x = layers.Dropout(0.5)(x)  # (28, 28, 1024)
    up4 = layers.Conv2DTranspose(
        512, 2, strides=2, padding="same", activation="relu", name="convtranspose1"
    )(x)
    x = layers.Cropping2D(4)(down4)  # (56, 56, 512)
    x = layers.Concatenate()([x, up4])  # (56, 56, 1024)
    x = twice(x, 512, name="twice3")  # (52, 52, 512)
    up3 = layers.Conv2DTranspose(
        256, 2, strides=2, padding="same", activation="relu", name="convtranspose2"
    )(x)
    x = layers.Cropping2D(16)(down3)  # (104, 104, 256)
    x = layers.Concatenate()([x, up3])  # (104, 104, 512)
    x = twice(x, 256, name="twice4")  # (100, 100, 256)
    up2 = layers.Conv2DTranspose(
        128, 2, strides=2, padding="same", activation="relu", name="convtranspose3"
    )(x)
    x = layers.Cropping2D(40)(down2)  # (200, 200, 128)
    x = layers.Concatenate()([x, up2])  # (200, 200, 256)
    x = twice(x, 128, name="twice5")  # (196, 196, 128)
    up1 = layers.Conv2DTranspose(
        64, 2, strides=2, padding="same", activation="relu", name="convtranspose4"
    )(x)
    x = layers.Cropping2D(88)(down1)  # (392, 392, 64)
    x = layers.Concatenate()([x, up1])  # (392, 392, 128)
    x = twice(x, 64, name="twice6")  # (388, 388, 64)
    x = layers.Conv2D(2, 1, activation="softmax", name="conv1")(x)  # (388, 388, 2)
    return keras.Model(inputs, x, name="unet2015")
