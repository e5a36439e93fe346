"""
A model of 32 layers with random weights, its KV cache paged in PyTorch tensors that Pagoda shares.

A prompt is computed, stored, forgotten and fetched into other blocks; then the model goes on
decoding. The fetched bytes, and the logits, must be those of the run without a cache, bit for bit;
a control computes the prompt once more without Pagoda, and must give the same logits too. What
counts is the time to the first token, with the fetch and with the prompt computed again.
"""

import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from attached import Attached, shared, uuid

LAYERS, HIDDEN, HEADS, KV_HEADS, HEAD, INNER, VOCABULARY = 32, 4096, 32, 8, 128, 14336, 32000
BLOCK = 16
BACKENDS = {"flash": SDPBackend.FLASH_ATTENTION, "cudnn": SDPBackend.CUDNN_ATTENTION}
DTYPE = torch.bfloat16


class Model:
    """A decoder of the shape of Llama 3.1 8B."""

    def __init__(self, device):
        torch.manual_seed(7)

        def weight(rows, columns):
            return torch.randn(rows, columns, device=device, dtype=DTYPE) * rows ** -0.5

        self.embedding = torch.randn(VOCABULARY, HIDDEN, device=device, dtype=DTYPE)
        self.layers = [
            {"qkv": weight(HIDDEN, (HEADS + 2 * KV_HEADS) * HEAD), "out": weight(HEADS * HEAD, HIDDEN),
             "gate_up": weight(HIDDEN, 2 * INNER), "down": weight(INNER, HIDDEN)}
            for _ in range(LAYERS)]
        self.head = weight(HIDDEN, VOCABULARY)
        turns = 500000 ** (-torch.arange(0, HEAD, 2, device=device, dtype=torch.float32) / HEAD)
        angles = torch.outer(torch.arange(1 << 17, device=device, dtype=torch.float32), turns)
        self.cos, self.sin = angles.cos(), angles.sin()

    def rotated(self, x, start):
        cos = self.cos[start:start + x.shape[0], None, :]
        sin = self.sin[start:start + x.shape[0], None, :]
        a, b = x.float().chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1).to(DTYPE)

    @torch.no_grad()
    def forward(self, tokens, start, kv, table):
        """
        Computes tokens that begin at position `start`, and returns the logits of the last one.
        `kv` is [layer, key or value, block, token, head, number]; `table` has the prompt's blocks.
        """
        x = self.embedding[tokens]
        end = start + len(tokens)
        positions = torch.arange(start, end, device=x.device)
        blocks, places = table[positions // BLOCK], positions % BLOCK
        used = table[:(end + BLOCK - 1) // BLOCK]
        for number, layer in enumerate(self.layers):
            qkv = F.rms_norm(x, (HIDDEN,)) @ layer["qkv"]
            q, k, v = qkv.view(len(tokens), -1, HEAD).split([HEADS, KV_HEADS, KV_HEADS], dim=1)
            kv[number, 0][blocks, places] = self.rotated(k, start)
            kv[number, 1][blocks, places] = v
            keys = kv[number, 0][used].reshape(-1, KV_HEADS, HEAD)[:end]
            values = kv[number, 1][used].reshape(-1, KV_HEADS, HEAD)[:end]
            attended = F.scaled_dot_product_attention(
                self.rotated(q, start).transpose(0, 1)[None], keys.transpose(0, 1)[None],
                values.transpose(0, 1)[None], is_causal=start == 0 and len(tokens) > 1,
                enable_gqa=True)
            x = x + attended[0].transpose(0, 1).reshape(len(tokens), -1) @ layer["out"]
            gate, up = (F.rms_norm(x, (HIDDEN,)) @ layer["gate_up"]).chunk(2, dim=-1)
            x = x + (F.silu(gate) * up) @ layer["down"]
        return F.rms_norm(x[-1:], (HIDDEN,)) @ self.head


def decode(model, kv, table, prompt, steps):
    """Takes the last token of the prompt and goes on; returns the logits, and when the first were."""
    logits, token, first = [], prompt[-1:], None
    for step in range(steps):
        logits.append(model.forward(token, len(prompt) - 1 + step, kv, table))
        token = logits[-1].argmax(dim=-1)
        if first is None:
            token.item()  # the engine has its first token
            first = time.perf_counter()
    torch.cuda.synchronize()
    return torch.cat(logits), first


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--tokens", type=int, default=32768)
    arguments.add_argument("--steps", type=int, default=16)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--attention", choices=BACKENDS, default="flash")
    arguments.add_argument("--json")
    options = arguments.parse_args()
    with sdpa_kernel(BACKENDS[options.attention]):
        run(options)


def run(options):
    device = torch.device("cuda:0")
    model = Model(device)
    blocks = options.tokens // BLOCK
    tail = (options.steps + BLOCK) // BLOCK + 1
    pool = 2 * (blocks + tail)
    kv = torch.zeros(LAYERS, 2, pool, BLOCK, KV_HEADS, HEAD, device=device, dtype=DTYPE)
    prompt = torch.randint(0, VOCABULARY, (options.tokens + 1,), device=device)
    ids = prompt[:options.tokens].tolist()

    def table():
        return torch.randperm(pool, device=device)[:blocks + tail]

    config = f"""
        pagoda.model {{ name = prefill, layers = {LAYERS}, kv-heads = {KV_HEADS},
          head-size = {HEAD}, dtype = bf16, tokens-per-block = {BLOCK} }}
        pagoda.tiers = [ {{ type = cpu, blocks = {blocks} }} ]
        pagoda.devices = [ {{ type = cuda, uuid = "{uuid(0)}" }} ]
    """
    computed, fetched, moved, puts = [], [], [], []
    wrong = differing = control = 0

    def compute():
        """Computes the prompt into blocks of the pool, and goes on; returns where, and the logits."""
        kv.zero_()
        mine = table()
        torch.cuda.synchronize()
        start = time.perf_counter()
        model.forward(prompt[:-1], 0, kv, mine)
        logits, first = decode(model, kv, mine, prompt, options.steps)
        computed.append(first - start)
        return mine, logits

    def differ(one, other):
        return int((one.view(torch.int16) != other.view(torch.int16)).sum())

    with Attached(config) as pagoda:
        block_bytes = pagoda.ask(
            "register", pool="kv", layout="layer-first", blocks=pool,
            ranks=[{"device": uuid(0), "memory": [shared(kv)]}])["block_bytes"]
        for _ in range(options.rounds + 1):
            _, without = compute()
            mine, expected = compute()
            control += differ(without, expected)
            stored = kv[:, :, mine[:blocks]]

            pagoda.ask("reset")
            put = pagoda.ask("put", pool="kv", tokens=ids, blocks=mine[:blocks].tolist())
            assert put["tokens"] == options.tokens, put
            puts.append(put["micros"])

            kv.zero_()
            other = table()
            there = other[:blocks].tolist()
            torch.cuda.synchronize()
            start = time.perf_counter()
            fetch = pagoda.ask("fetch", pool="kv", tokens=ids, blocks=there)
            assert fetch["tokens"] == options.tokens, fetch
            logits, first = decode(model, kv, other, prompt, options.steps)
            fetched.append(first - start)
            moved.append(fetch["micros"])
            wrong += 2 * differ(kv[:, :, other[:blocks]], stored)
            differing += differ(logits, expected)

    size = blocks * block_bytes
    again, with_fetch = statistics.median(computed[2:]), statistics.median(fetched[1:])
    micros, put_micros = statistics.median(moved[1:]), statistics.median(puts[1:])
    report = {
        "device": torch.cuda.get_device_name(0), "torch": torch.__version__,
        "prompt_tokens": options.tokens, "kv_bytes": size, "decoded_tokens": options.steps,
        "rounds": options.rounds, "attention": options.attention, "wrong_bytes": wrong,
        "differing_logits": differing, "differing_logits_without_pagoda": control,
        "first_token_computed_s": again, "first_token_fetched_s": with_fetch,
        "times_faster": again / with_fetch, "fetch_s": micros / 1e6,
        "fetch_gb_per_s": size / micros / 1e3, "put_gb_per_s": size / put_micros / 1e3}
    for name, value in report.items():
        print(f"{name:24} {value:.4g}" if isinstance(value, float) else f"{name:24} {value}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
    raise SystemExit(0 if wrong + differing == 0 else 1)


if __name__ == "__main__":
    main()
