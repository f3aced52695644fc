"""Hands pictures from a tray to the import job, each under a label."""

from collections.abc import Mapping

from curate import store
from curate.catalog.runs import RunRow
from curate.errors import BadInput, BadPicture
from curate.jobs import client
from curate.tray.pictures import Tray
from curate.wording import counted


def add(tray: Tray, labels: Mapping[int, str], predicted: Mapping[int, str], run: RunRow, by: str) -> int:
    """Id of the job that adds pictures to the run's project. labels, predicted: by the picture's number.

    Raises BadInput when none of their files can be read.
    """
    incoming = store.incoming_folder()
    names: list[str] = []
    facts: list[dict[str, str]] = []
    for number, label in labels.items():
        picture = tray.pictures[number]
        try:
            data = tray.read(number)
        except BadPicture:
            continue
        (incoming / str(len(names))).write_bytes(data)
        names.append(picture.name)
        facts.append({"label": label, "predicted": predicted[number], "address": picture.address})
    if not names:
        store.remove_incoming(incoming)
        raise BadInput("None of these pictures can be read any more.", "Upload them again.")
    args = {"incoming": incoming.name, "names": names, "predicted": facts, "run": run.name}
    return client.enqueue("import", run.project_id, args, f"Add {counted(len(names), 'picture')} from Predict", by)
