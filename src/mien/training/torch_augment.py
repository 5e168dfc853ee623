"""The variations of ``augment`` on tensors, many pictures at a time, so that a GPU can make them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from mien.training.augment import Variations, join_variations
from mien.training.batches import Epoch
from mien.training.torch_engine import Given


@dataclass(frozen=True, eq=False)
class Shown:
    """What an epoch shows, all batches in one piece, n pictures in all.

    Attributes:
        view: as in ``batches.Epoch``.
        rows: of the training pictures, int64 ``(n,)``.
        turned: pictures that are mirrored first, bool ``(n,)``.
        variations: of the pictures.
        shares: of each picture in its blend, float32 ``(n,)``.
        lessons: targets, weights and votes of each picture.
        batch: pictures a step.
    """

    view: int | None
    rows: npt.NDArray[np.int64]
    turned: npt.NDArray[np.bool_]
    variations: Variations
    shares: npt.NDArray[np.float32]
    lessons: tuple[npt.NDArray[np.float32], ...]
    batch: int

    def batches(self, images: torch.Tensor, chunk: int, device: str) -> Iterator[Given]:
        """Yield the batches from all pictures, uint8 ``(m, h, w)`` on the device; ``chunk`` pixels vary at a time."""
        steps = max(1, chunk // self.variations.size**2 // self.batch)
        rest = [torch.from_numpy(array).to(device) for array in (self.rows, self.turned, self.shares, *self.lessons)]
        for start in range(0, len(self.rows), steps * self.batch):
            part = slice(start, start + steps * self.batch)
            rows, turned, shares, *lessons = (tensor[part] for tensor in rest)
            pictures = images[rows]
            pictures = torch.where(turned[:, None, None], pictures.flip(2), pictures)
            faces = vary(pictures, self.variations.part(part))
            for first in range(0, len(rows), self.batch):
                one = slice(first, first + self.batch)
                yield _blended(faces[one], [tensor[one] for tensor in lessons], shares[one])


def show(epoch: Epoch) -> Shown:
    """Draw a whole epoch."""
    drawn = [epoch.draw(step) for step in range(epoch.steps)]
    rows = np.concatenate([one.rows for one in drawn])
    return Shown(
        epoch.view,
        rows,
        np.concatenate([one.turned for one in drawn]),
        join_variations([one.variations for one in drawn]),
        np.repeat([np.float32(one.share) for one in drawn], len(drawn[0].rows)),
        tuple(array[rows] for array in (epoch.targets, epoch.weights, epoch.votes)),
        len(drawn[0].rows),
    )


def vary(images: torch.Tensor, variations: Variations) -> torch.Tensor:
    """Return pictures uint8 ``(n, h, w)`` varied as drawn, on their device: float32 ``(n, 1, size, size)``.

    Values are those of ``augment.vary`` but for the rounding of OpenCV, which places pixels to a 32nd.
    """
    (height, width), size, device = images.shape[1:], variations.size, images.device
    contrast, brightness, corners = (
        torch.from_numpy(drawn).to(device) for drawn in (variations.contrast, variations.brightness, variations.corners)
    )
    along = torch.arange(size, dtype=torch.float32, device=device)
    rows, columns = torch.meshgrid(along, along, indexing="ij")
    places = torch.stack([columns, rows, torch.ones_like(rows)]).flatten(1)
    sources = (torch.from_numpy(_back(variations.matrices)).to(device) @ places).view(-1, 2, size, size)
    extent = torch.tensor([width - 1, height - 1], device=device).view(1, 2, 1, 1)
    grid = (sources * (2 / extent) - 1).permute(0, 2, 3, 1)
    pictures = images[:, None].float()
    faces = functional.grid_sample(pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=True)
    faces = faces.round_()
    if variations.lit:
        faces = _lit(faces, contrast, brightness)
    return _cut_out(faces, corners, variations.side, along) if variations.side else faces


def _back(matrices: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Return matrices from pixels of the result to pixels of the picture, float32 ``(n, 2, 3)``."""
    turned = np.linalg.inv(matrices[:, :, :2])
    return np.concatenate([turned, -turned @ matrices[:, :, 2:]], axis=2).astype(np.float32)


def _lit(faces: torch.Tensor, contrast: torch.Tensor, brightness: torch.Tensor) -> torch.Tensor:
    means = faces.mean((2, 3), keepdim=True)
    ones = (-1, 1, 1, 1)
    return ((faces - means) * contrast.view(ones) + means + brightness.view(ones)).clamp_(0, 255)


def _cut_out(faces: torch.Tensor, corners: torch.Tensor, side: int, along: torch.Tensor) -> torch.Tensor:
    inside = (along >= corners[:, :, None]) & (along < corners[:, :, None] + side)
    hidden = inside[:, 0, :, None] & inside[:, 1, None, :]
    return torch.where(hidden[:, None], faces.mean((2, 3), keepdim=True), faces)


def _blended(faces: torch.Tensor, lessons: list[torch.Tensor], shares: torch.Tensor) -> Given:
    """Return a batch, blended as in ``batches``; of a share of 1 it stays as it is, up to rounding."""
    targets, weights, votes = lessons

    def blend(values: torch.Tensor) -> torch.Tensor:
        share = shares.view(-1, *[1] * (values.ndim - 1))
        return share * values + (1 - share) * values.flip(0)

    weighted = blend(targets * weights[:, None])
    weights = weighted.sum(dim=1)
    faces = blend(faces).contiguous(memory_format=torch.channels_last)
    return Given(faces, weighted / weights[:, None], weights, blend(votes))
