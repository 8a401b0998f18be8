"""The generator's list of regions, held against the pinned botocore, from which it was taken: a newer botocore that
knows more regions fails here, and the list is taken again, with the day."""
import json
from pathlib import Path

import botocore

FILE = Path(__file__).resolve().parents[1] / "internal/generate/environment/regions.txt"
DATA = Path(botocore.__file__).parent / "data"


def listed():
    """Returns the regions, those without Amazon SES, and the other partitions by the beginning of their regions."""
    lines = [line for line in FILE.read_text().splitlines() if not line.startswith("#")]
    others = dict(line.split("* ") for line in lines if "* " in line)
    regions = [line.split(" ") for line in lines if "* " not in line]
    return {name for name, *_ in regions}, {name for name, *marks in regions if marks == ["without-ses"]}, others


def test_the_regions_are_those_of_botocore():
    partitions = json.loads((DATA / "partitions.json").read_text())["partitions"]
    regions, without_ses, others = listed()
    aws = {name for p in partitions if p["id"] == "aws" for name in p["regions"] if not name.endswith("-global")}
    assert regions == aws
    for partition in partitions:
        for name in (name for name in partition["regions"] if not name.endswith("-global")):  # a pseudo region
            found = {other for beginning, other in others.items() if name.startswith(beginning)}
            assert found == ({partition["id"]} - {"aws"}), name
    services = next(p for p in json.loads((DATA / "endpoints.json").read_text())["partitions"] if p["partition"] == "aws")
    assert regions - services["services"]["email"]["endpoints"].keys() == without_ses
