from pathlib import Path

from bench.scenes import Scene, all_scenes
from bench.tools import NEW, OLD
from support.trees import Tree, read_tree


def laid_down(scene: Scene, folder: Path) -> Tree:
    scene.lay_down(folder / "home")
    return read_tree(folder / "home")


def test_every_scene_has_its_fault_and_only_the_healthy_ones_have_none(tmp_path: Path) -> None:
    for number, scene in enumerate(all_scenes()):
        well = scene.cured(laid_down(scene, tmp_path / str(number)))
        assert well == scene.name.startswith("healthy"), scene.name


def test_scenes_are_known_by_their_name_and_version() -> None:
    keys = [(scene.name, scene.openclaw) for scene in all_scenes()]
    assert len(set(keys)) == len(keys)
    assert {version for _, version in keys} == {OLD, NEW}


def test_what_a_scene_names_as_its_fault_is_there(tmp_path: Path) -> None:
    for number, scene in enumerate(all_scenes()):
        tree = laid_down(scene, tmp_path / str(number))
        named = {part.partition("#")[0] for part in scene.fault} | set(scene.good) | set(scene.good.values())
        assert named <= tree.keys(), scene.name
