import shutil
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.data.splits import load_split
from mien.errors import DataError, RunError
from mien.model.classify import Classifier
from mien.progress import silent
from mien.training.batches import Lessons, batches
from mien.training.distill import VIEWS, Teachers, ask, ask_runs, logarithms, pack, read_teachers, seeded_view
from mien.training.loop import Run, train
from mien.training.recipe import Augment, Recipe
from mien.training.watching import Silent
from tests.training.test_batches import dataset


def said(count: int = 10, fingerprint: str = "") -> Teachers:
    logits = np.random.default_rng(0).normal(size=(VIEWS, count, 2)).astype(np.float16)
    return Teachers(logits, fingerprint, ("one",))


def test_a_view_is_always_the_same_and_no_view_is_like_another() -> None:
    images = dataset().images
    assert np.array_equal(seeded_view(images, 3), seeded_view(images, 3))
    assert not np.array_equal(seeded_view(images, 3), seeded_view(images, 4))


def test_targets_are_probabilities_and_softer_when_warmer() -> None:
    sharp, soft = (said().targets(0, temperature) for temperature in (1.0, 3.0))
    assert np.allclose(sharp.sum(axis=1), 1)
    assert soft.max(axis=1).mean() < sharp.max(axis=1).mean()


def test_a_student_sees_the_view_that_the_teachers_saw_with_what_they_said() -> None:
    data = dataset()
    recipe = Recipe(name="a", network="tiny", batch=10, teacher_weight=0.25, augment=Augment(rotation=90))
    lessons = Lessons(data, teachers=said())
    [batch] = batches(recipe, lessons, VIEWS + 3)
    row = {face.tobytes(): number for number, face in enumerate(seeded_view(data.images, 3))}
    for face, target in zip(batch.faces, batch.targets, strict=True):
        number = row[face[..., 0].astype(np.uint8).tobytes()]
        expected = 0.75 * np.eye(2)[data.labels[number]] + 0.25 * said().targets(3, 1.0)[number]
        assert np.allclose(target, expected, atol=1e-6)


def test_what_is_joined_is_seen_as_each_of_both_saw_it(tmp_path: Path) -> None:
    data = dataset()
    chosen = np.arange(len(data)) % 3 == 1
    first, second = data.parted(chosen)
    others = Teachers(said(len(second)).logits + 1, second.fingerprint(), ("one", "two"))
    both = said(len(first), first.fingerprint()).joined(others, chosen, data.fingerprint())
    assert both.runs == ("one", "two")
    file = tmp_path / "teachers.npz"
    file.write_bytes(pack(both))
    back = read_teachers(file, data)
    for view in range(VIEWS):
        pictures = back.shown(data.images, view)
        for part, rows, teachers in ((first, ~chosen, said(len(first))), (second, chosen, others)):
            assert np.array_equal(pictures[rows], seeded_view(part.images, view))
            assert np.array_equal(back.logits[view, rows], teachers.logits[view])


def test_a_student_whose_pictures_alternate_sees_none_mirrored_by_chance() -> None:
    data = dataset()
    recipe = Recipe(name="a", network="tiny", batch=10, augment=Augment(flip=True, alternate=True))
    for epoch in (0, 1):
        [batch] = batches(recipe, Lessons(data, teachers=said()), epoch)
        turned = replace(recipe, augment=Augment(alternate=True))
        [expected] = batches(turned, Lessons(data, teachers=said()), epoch)
        assert np.array_equal(batch.faces, expected.faces)


def test_a_student_learns_from_the_file_of_a_run(run: Run, recipe: Recipe, tmp_path: Path) -> None:
    seen: list[int] = []
    taught = load_split(recipe.data, run.folder / "split.csv", "train")
    teachers = ask_runs([run.folder] * 2, recipe.data, lambda _: nullcontext(lambda done, _: seen.append(done)))
    assert seen[-VIEWS:] == list(range(1, VIEWS + 1))
    file = tmp_path / "teachers.npz"
    file.write_bytes(pack(teachers))
    back = read_teachers(file, taught)
    assert np.array_equal(back.logits, teachers.logits)
    assert back.runs == teachers.runs == (run.folder.name,) * 2
    student = train(replace(recipe, teachers=str(file), teacher_weight=0.7, epochs=1), tmp_path, Silent())
    assert student.metrics["n"] == run.metrics["n"]


def test_runs_of_different_splits_do_not_teach_together(run: Run, recipe: Recipe, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(run.folder, other)
    rows = (other / "split.csv").read_text().replace(",val", ",train", 1)
    (other / "split.csv").write_text(rows)
    with pytest.raises(
        DataError, match=r"other: its split.csv is not that of .*; give runs of the same data, split_seed"
    ):
        ask_runs([run.folder, other], recipe.data, silent)
    with pytest.raises(RunError, match=r"no model.keras and model.onnx in it"):
        ask_runs([run.folder, tmp_path], recipe.data, silent)


def test_a_file_for_other_pictures_or_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "teachers.npz"
    file.write_bytes(pack(said(fingerprint="sha256:abc")))
    with pytest.raises(DataError, match=r"teachers.npz: made for other pictures, another split or size"):
        read_teachers(file, dataset())
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(DataError, match=r"teachers.npz: cannot be read as teachers"):
        read_teachers(file, dataset())
    with pytest.raises(DataError, match="cannot be read as teachers"):
        read_teachers(tmp_path / "nowhere.npz", dataset())


def test_a_teacher_of_other_classes_is_refused(run: Run) -> None:
    with pytest.raises(DataError, match=r"classes are angry, .* surprise, not a, b; give runs that were trained on"):
        ask([Classifier(run.folder)], dataset(), lambda *_: None)


def test_a_file_for_other_pictures_leaves_no_run_folder(recipe: Recipe, tmp_path: Path) -> None:
    file = tmp_path / "teachers.npz"
    file.write_bytes(pack(said(fingerprint="sha256:abc")))
    with pytest.raises(DataError, match="made for other pictures"):
        train(replace(recipe, teachers=str(file), teacher_weight=0.7), tmp_path / "runs", Silent())
    assert not (tmp_path / "runs").exists()


def test_logarithms_are_kept_in_steps_and_finite() -> None:
    probabilities = np.array([[0.7, 0.3, 0.0]], np.float32)
    kept = logarithms(probabilities)
    assert kept.dtype == np.float16
    assert np.isfinite(kept).all()
    assert np.allclose(np.exp(kept.astype(np.float32)), probabilities, rtol=1 / 60, atol=2e-6)
    assert (kept.astype(np.float32) * 32 % 1 == 0).all()
