"""What PyTorch says of a network: sizes, numbers held and multiply-adds of every layer.

The module runs once on the `meta` device, where tensors have shapes and no numbers.
"""

import torch
from torch.utils.flop_counter import FlopCounterMode

from dlnotes import specs, torch_models

# PyTorch runs C3's table as a dense convolution, and squared distances without a product
NOT_AS_COUNTED = ("TableConv", "RadialBasis", "ScaledAvgPool")


def measured(network: specs.Network) -> dict[str, dict]:
    """For each path of a layer: its output's shape, what it holds, its multiply-adds."""
    with torch.device("meta"):
        model = torch_models.build(network).eval()
    kinds = {path: layer.kind for path, layer in specs.walk(network.body)}
    counter, found = FlopCounterMode(display=False), {}
    for path, module in model.named_modules():
        if path in kinds:
            _watch(path, kinds[path], module, counter, found)
    x = torch.zeros(1, *network.input_shape, device="meta")
    if isinstance(next(specs.walk(network.body))[1], specs.Embedding):
        x = x.long()
    with counter:
        torch_models.with_side_outputs(model, x)
    assert set(found) == set(kinds)
    return {path: found[path] for path in kinds}


def _watch(path, kind, module, counter, found):
    """Note what a module holds, and, when it runs, what it returns and how much it computes."""
    before = {}

    def start(*_):
        before["flop"] = counter.get_total_flops()

    def end(_, __, y):
        flop = counter.get_total_flops() - before["flop"]
        buffers = [b for b in module.buffers() if b.is_floating_point()]
        frozen = [p for p in module.parameters() if not p.requires_grad]
        found[path] = {
            "output": list(y.shape[1:]),
            "trainable": sum(p.numel() for p in module.parameters() if p.requires_grad),
            "fixed": sum(b.numel() for b in [*buffers, *frozen]),
            "mac": None if kind in NOT_AS_COUNTED else flop // 2,
        }

    module.register_forward_pre_hook(start)
    module.register_forward_hook(end)
