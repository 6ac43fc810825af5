"""The real places, assessed once for all tests; skipped where their data are not beside the project."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the naive twins

import guixi
import porto_alegre
from run import DATA

import lifecircle as lc
from oracles import twin_of


@pytest.fixture(scope="session")
def data():
    if not DATA.is_dir():
        pytest.skip("the real places are not beside the project: there is no ../shared/data")
    return DATA


@pytest.fixture(scope="session")
def poa(data, tmp_path_factory):
    return lc.assess(porto_alegre.write_study(tmp_path_factory.mktemp("porto-alegre"), data))


@pytest.fixture(scope="session")
def poa_twin(poa):
    return twin_of(poa)


@pytest.fixture(scope="session")
def town(data, tmp_path_factory):
    return lc.assess(guixi.write_study(tmp_path_factory.mktemp("guixi"), data))


@pytest.fixture(scope="session")
def town_twin(town):
    return twin_of(town)
