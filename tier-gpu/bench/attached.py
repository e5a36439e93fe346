"""Pagoda as a child process of an engine that keeps its KV memory in PyTorch; see docs/attach.md."""

import json
import subprocess
import tempfile


class Attached:
    """A session with `pagoda attach`. Closing it ends the child."""

    def __init__(self, config, command=("pagoda",)):
        self._file = tempfile.NamedTemporaryFile("w", suffix=".conf")
        self._file.write(config)
        self._file.flush()
        self._child = subprocess.Popen(
            [*command, "attach", "--config", self._file.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1 << 20)

    def ask(self, op, **fields):
        """Asks, waits for the answer and returns it; raises if it is a refusal."""
        self._child.stdin.write(json.dumps({"op": op, **fields}) + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"pagoda ended with code {self._child.wait()} while it was asked to {op}")
        answer = json.loads(line)
        if not answer["ok"]:
            raise RuntimeError(f"pagoda refused to {op}: {answer['error']}")
        return answer

    def close(self):
        self._child.stdin.close()
        code = self._child.wait(timeout=60)
        self._file.close()
        if code != 0:
            raise RuntimeError(f"pagoda ended with code {code}")

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.close()
        else:
            self._child.kill()
            self._child.wait()


def shared(tensor):
    """What another process has to know to open a contiguous CUDA tensor."""
    assert tensor.is_cuda and tensor.is_contiguous()
    _, handle, _, storage_offset, *_ = tensor.untyped_storage()._share_cuda_()
    offset = storage_offset + tensor.storage_offset() * tensor.element_size()
    return {"handle": bytes(handle).hex(), "offset": offset,
            "bytes": tensor.numel() * tensor.element_size()}


def uuid(device):
    """A CUDA device's UUID, as `nvidia-smi -L` prints it."""
    import torch

    return f"GPU-{torch.cuda.get_device_properties(device).uuid}"
