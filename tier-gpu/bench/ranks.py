"""
Loads blocks into the memory of one GPU, and the same blocks into two, each of which is a
tensor-parallel rank and holds half of every block. Every byte is compared.
"""

import argparse
import json
import statistics
import subprocess

import torch

from attached import Attached, shared, uuid

LAYERS, KV_HEADS, HEAD, BLOCK = 80, 8, 128, 16


def rate(ranks, blocks, rounds):
    """Returns GB/s of puts and of fetches, and how many bytes came wrong."""
    heads = KV_HEADS // ranks
    pool = 2 * blocks
    memory = [
        torch.empty(LAYERS, 2, pool, BLOCK, heads, HEAD, device=f"cuda:{rank}", dtype=torch.int16)
        for rank in range(ranks)]
    devices = ", ".join(f'{{ type = cuda, uuid = "{uuid(rank)}" }}' for rank in range(ranks))
    config = f"""
        pagoda.model {{ name = ranks, layers = {LAYERS}, kv-heads = {KV_HEADS}, head-size = {HEAD},
          dtype = bf16, tokens-per-block = {BLOCK}, tensor-parallel = {ranks} }}
        pagoda.tiers = [ {{ type = cpu, blocks = {blocks} }} ]
        pagoda.devices = [ {devices} ]
    """
    ids = list(range(blocks * BLOCK))
    puts, fetches, wrong = [], [], 0
    with Attached(config) as pagoda:
        block_bytes = pagoda.ask(
            "register", pool="kv", layout="layer-first", blocks=pool,
            ranks=[{"device": uuid(rank), "memory": [shared(memory[rank])]}
                   for rank in range(ranks)])["block_bytes"]
        for _ in range(rounds + 2):
            for each in memory:
                each.random_(-30000, 30000)
            order = torch.randperm(pool)
            source, target = order[:blocks], order[blocks:]
            torch.cuda.synchronize()
            pagoda.ask("reset")
            put = pagoda.ask("put", pool="kv", tokens=ids, blocks=source.tolist())
            fetch = pagoda.ask("fetch", pool="kv", tokens=ids, blocks=target.tolist())
            assert put["tokens"] == fetch["tokens"] == len(ids), (put, fetch)
            for each in memory:
                there, here = each[:, :, target.to(each.device)], each[:, :, source.to(each.device)]
                wrong += 2 * int((there != here).sum())
            puts.append(blocks * block_bytes / put["micros"] / 1e3)
            fetches.append(blocks * block_bytes / fetch["micros"] / 1e3)
    del memory
    torch.cuda.empty_cache()
    return statistics.median(puts[2:]), statistics.median(fetches[2:]), wrong


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--blocks", type=int, default=1024)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--json")
    options = arguments.parse_args()
    report = {"device": torch.cuda.get_device_name(0), "blocks": options.blocks}
    for ranks in range(1, min(torch.cuda.device_count(), 2) + 1):
        put, fetch, wrong = rate(ranks, options.blocks, options.rounds)
        report |= {f"ranks_{ranks}_put_gb_per_s": put, f"ranks_{ranks}_fetch_gb_per_s": fetch,
                   f"ranks_{ranks}_wrong_bytes": wrong}
    if "ranks_2_fetch_gb_per_s" in report:
        report["fetch_times_faster"] = report["ranks_2_fetch_gb_per_s"] / report["ranks_1_fetch_gb_per_s"]
    report["topology"] = subprocess.run(
        ["nvidia-smi", "topo", "-m"], capture_output=True, text=True, check=False).stdout
    for name, value in report.items():
        print(f"{name:24} {value:.4g}" if isinstance(value, float) else f"{name:24} {value}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
    wrong = sum(value for name, value in report.items() if name.endswith("wrong_bytes"))
    raise SystemExit(0 if wrong == 0 else 1)


if __name__ == "__main__":
    main()
