"""JSON that was read is decoded in one place, so that no reader forgets one of the errors of a decoder."""

from __future__ import annotations

from tests.house.source import modules

ALONE = {
    "tufkeep.decoding": "is that place",
    "tufkeep.metadata.document": "has an error of its own for whatever is wrong with metadata",
    "tufkeep.stores.lockfile": "takes whatever is wrong for no answer",
    "tufkeep.agent.record": "takes whatever is wrong for nothing remembered",
    "tufkeep.workspace.record": "decodes the line that it has just encoded",
    "tufkeep.ceremony.approve": "decodes a document that was parsed before",
    "tufkeep.cli.compat.tuf.signing": "reads what was typed or piped in, as Go does",
    "tufkeep.cli.commands.change.add": "reads what was typed",
}


def test_json_is_decoded_in_one_place() -> None:
    found = {
        module.name
        for module in modules()
        if not module.name.startswith("tufkeep.testing")
        and ("json.decode(" in module.text or "json.loads(" in module.text)
    }
    assert found == ALONE.keys()
