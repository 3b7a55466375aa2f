"""Command `train`: retrain the demand model on the synced sales of all shops, and judge it against the one in use."""

import argparse
import importlib.util
import json
import os
import sys
from typing import Any

from cloud_sync.clock import clock_from_environment
from cloud_sync.commands.publish import candidate_file
from cloud_sync.founding import opened
from cloud_sync.settings import load_settings
from edge_agent.errors import BadInput

NEEDED = ("numpy", "onnx", "onnxruntime", "sklearn", "skl2onnx")


def add_parser(commands: Any) -> Any:
    """Add this command's words."""
    parser = commands.add_parser("train", help=__doc__)
    parser.add_argument("--seed", type=int, default=20260101, help="of every sample (default: %(default)s)")
    parser.add_argument("--shops", type=int, default=200, help="shops looked at, at most (default: %(default)s)")
    return parser


def run(args: argparse.Namespace) -> int:
    """0 with the verdict, good or bad; the candidate lies in the data folder for `publish`."""
    refuse_without_extra()
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from cloud_sync.fleet import Settings
    from cloud_sync.retraining.candidate import Sampling, keep, make

    if args.shops < 1:
        raise BadInput("--shops: at least one")
    settings, now = load_settings(args.data), clock_from_environment().now()
    database = opened(settings)
    try:
        made = make(database, Sampling(args.seed, args.shops), Settings(seed=args.seed), _say)
        file = candidate_file(args.data)
        keep(database, made, file, now)
    finally:
        database.close()
    _tell(made.verdict(), as_json=args.json)
    return 0


def refuse_without_extra() -> None:
    """BadInput names what to install where the training's libraries are not."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise BadInput(
            f"training needs the extra `train` beside the cloud ({missing[0]} is missing): "
            "pip install --require-hashes -r requirements/train.txt"
        )


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _tell(verdict: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(verdict))
        return
    held = f"{verdict['ratio_held_out']:.4f}" if verdict["ratio_held_out"] else "not known (it takes three shops)"
    print(f"Candidate {verdict['sha256'][:12]}: {verdict['rows']} rows, parity {verdict['parity']:.1e}.")
    print(
        f"Loss against the model in use {verdict['ratio']:.4f}, on shops that taught nothing "
        f"{held}, against the base {verdict['ratio_base']:.4f}, worst shop {verdict['worst']:.3f}."
    )
    next_ = "cloud-sync publish offers it to the tills" if verdict["better"] else "publish refuses it without --force"
    print(f"{'Good' if verdict['better'] else 'Worse'}: {verdict['words']}; {next_}.")
