"""Runs exported Keras modules: a job a line of JSON on standard input, an answer a line."""

import importlib.util
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np


def run(job):
    spec = importlib.util.spec_from_file_location("exported", job["module"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = getattr(module, job["function"])()
    module.load_weights(model, job["weights"])
    outputs = model.output
    if job["logits"] and model.layers[-1].get_config().get("activation") == "softmax":
        # Logits tell more than probabilities.
        model.layers[-1].activation = keras.activations.linear
        model = keras.Model(model.inputs, outputs)
    predict = model.predict_on_batch
    x = np.frombuffer(Path(job["input"]).read_bytes(), np.float32).reshape(1, *job["shape"])
    y = np.asarray(predict(x))
    Path(job["output"]).write_bytes(np.ascontiguousarray(y, np.float32).tobytes())
    count = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    return {"shape": list(y.shape), "parameters": count}


for line in sys.stdin:
    try:
        answer = run(json.loads(line))
    except Exception as error:  # the test shows it
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
