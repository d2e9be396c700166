from __future__ import annotations

import re

import pytest

from tests.peers import CHECKOUT
from tufkeep.metadata.canonical import MalformedMetadata


def test_the_example_of_the_testing_page_does_what_it_says() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (CHECKOUT / "docs" / "testing.md").read_text(), flags=re.DOTALL)
    *_, said = code.rstrip().partition("# MalformedMetadata: ")
    with pytest.raises(MalformedMetadata) as caught:
        exec(code, {})
    assert str(caught.value) == said
