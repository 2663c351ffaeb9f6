"""Draws loss curves from JSON on standard input: [{"name": ..., "points": [[step, loss], ...]}] -> the PNG named by the first argument."""

import json
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend is chosen first)

figure, axes = plt.subplots(figsize=(8, 4.5), dpi=140)
for curve in json.load(sys.stdin):
    steps, losses = zip(*curve["points"])
    axes.plot(steps, losses, label=curve["name"], linewidth=1.4)
axes.set_xlabel("optimizer step")
axes.set_ylabel("training loss")
axes.set_yscale("log")
axes.set_title("The same fine-tune from three fork points of one training run")
axes.grid(True, which="both", alpha=0.25)
axes.legend(title="fork point")
figure.tight_layout()
figure.savefig(sys.argv[1])
