"""Runs exported PyTorch modules: a job a line of JSON on standard input, an answer a line."""

import importlib.util
import json
import struct
import sys
from pathlib import Path

import torch

torch.set_num_threads(1)


def load_safetensors(path):
    data = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        part = bytearray(data[8 + length + begin : 8 + length + end])
        values = torch.frombuffer(part, dtype=torch.float32) if part else torch.empty(0)
        tensors[name] = values.reshape(entry["shape"])
    return tensors


def run(job):
    spec = importlib.util.spec_from_file_location("exported", job["module"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = getattr(module, job["class"])()
    tensors = load_safetensors(job["weights"])
    x = tensors.pop("input")
    model.load_state_dict(tensors)
    for path in job.get("identity", []):
        *parents, last = path.split(".")
        setattr(model.get_submodule(".".join(parents)), last, torch.nn.Identity())
    model.eval()
    with torch.no_grad():
        y = model(x)
    Path(job["output"]).write_bytes(y.contiguous().numpy().tobytes())
    count = sum(parameter.numel() for parameter in model.parameters())
    return {"shape": list(y.shape), "parameters": count}


for line in sys.stdin:
    try:
        answer = run(json.loads(line))
    except Exception as error:  # the test shows it
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
