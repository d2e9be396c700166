"""Canonical JSON is securesystemslib's, byte for byte, only quicker."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from securesystemslib.formats import encode_canonical as reference

from tufkeep.metadata.canonical import (
    MalformedMetadata,
    NotCanonical,
    canonical_of,
    decode,
    encode_canonical,
    encode_decoded,
    encode_json,
    refuse_uncanonical,
)

# Characters that encoders treat in their own ways: escapes, DEL and C1, separators of lines, the
# ends of the planes (where UTF-16 order and code point order differ).
_AWKWARD = st.sampled_from(
    '\\"/\x00\x01\x08\x09\x0a\x0c\x0d\x1f\x7f\x80\x9f\u2028\u2029\ud7ff\ue000\uffff\U00010000\U0010ffffé<>&nubft'
)
_TEXT = st.one_of(
    st.text(), st.text(alphabet=_AWKWARD), st.text(alphabet=_AWKWARD).map(lambda s: s.encode("unicode_escape").decode())
)
_INTEGERS = st.one_of(
    st.integers(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.sampled_from([2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 10**100]),
)
_SCALARS = st.one_of(st.none(), st.booleans(), _INTEGERS, _TEXT)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(_TEXT, inner, max_size=5)),
    max_leaves=25,
)
_FORBIDDEN = st.sampled_from([1.0, 0.0, -1.5, float("nan"), float("inf"), 1e300])


@given(_VALUES)
@example({"\ue000": 1, "\U00010000": 2, "\uffff": 3})  # sorted otherwise as UTF-16
@example({"a": {"\n": "\\n", "\\n": "\n"}, "\\": '"'})
@example({"é": [2**64, {"\u2028": "\x7f"}], "": None})
@example(list(range(3)))
def test_every_value_is_encoded_as_securesystemslib_does(value: Any) -> None:
    expected = reference(value)
    assert expected is not None
    assert encode_canonical(value) == expected.encode("utf-8")


@given(_VALUES)
def test_what_was_decoded_needs_no_check_before_it_is_encoded(value: Any) -> None:
    data = json.dumps(value).encode()
    assert encode_decoded(decode(data)) == encode_canonical(value)


@given(_VALUES)
def test_a_value_comes_back_from_ordinary_json(value: Any) -> None:
    for data in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        found = decode(data.encode("utf-8"))
        assert found == value
        assert repr(found) == repr(value)  # no integer became a float, no true a 1


@given(st.lists(_VALUES, max_size=3), _FORBIDDEN, st.integers(0, 3))
def test_a_float_is_refused_wherever_it_stands(values: list[Any], number: float, depth: int) -> None:
    value: Any = number
    for _ in range(depth):
        value = [*values, {"in": value}]
    with pytest.raises(NotCanonical):
        encode_canonical(value)


@pytest.mark.parametrize(
    "value", ["\ud800", {"\udfff": 1}, ["a\ud800\udc00b"], {"deep": [{"x": "\udc80"}]}, [2**64, "\ud800"]]
)
def test_half_of_a_surrogate_pair_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        encode_canonical(value)


@pytest.mark.parametrize(
    "value", [b"bytes", {1: "a"}, {None: 1}, {True: 1}, {1.5: 1}, {"s": {1, 2}}, object(), [{"a": {2: 3}}]]
)
def test_what_json_does_not_know_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        encode_canonical(value)


@pytest.mark.parametrize(
    "data",
    [
        b"1.0", b"1e3", b"1E+2", b"-0.0", b'{"a":[1,{"b":2.5}]}', b"NaN", b"Infinity", b"-Infinity",
        b"", b" ", b"{", b"[1,]", b'{"a":1,}', b"{'a':1}", b"01", b"+1", b"1 2", b"nul", b"[1]x",
        b'"\xff"', b'"\xc0\x80"', b'"\xed\xa0\x80"', b'{"\xfe":1}', b'"\n"', b'"\\x"', b'"\\ud800"', b"\xef\xbb\xbf{}",
        b"[" * 100_000, b'{"a":' * 100_000, b"\x00", b"//c\n1",
    ],
)  # fmt: skip
def test_what_is_not_strict_json_without_fractions_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedMetadata) as caught:
        decode(data)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_an_endless_integer_is_refused_or_read_whole() -> None:
    digits = b"9" * 100_000
    with pytest.raises(MalformedMetadata):
        decode(digits)


def test_of_members_with_one_name_the_last_counts_as_for_every_client() -> None:
    data = b'{"a":1,"b":{"c":1,"c":2},"a":3}'
    assert decode(data) == json.loads(data) == {"a": 3, "b": {"c": 2}}


@given(_VALUES)
def test_encoding_is_the_same_twice(value: Any) -> None:
    once = encode_canonical(value)
    assert encode_canonical(decode_loosely(once)) == once


def decode_loosely(data: bytes) -> Any:
    """Read canonical JSON, whose strings may hold control characters that strict JSON forbids."""
    return json.loads(data, strict=False)


@given(_VALUES)
def test_a_file_holds_the_canonical_form_with_control_characters_escaped(value: Any) -> None:
    encoded = encode_json(value)
    assert decode(encoded) == value
    assert json.loads(encoded) == value
    assert canonical_of(encoded) == encode_canonical(value)


def test_an_integer_that_python_does_not_write_is_refused() -> None:
    with pytest.raises(NotCanonical):
        encode_canonical({"a": 10**5000})


def test_deep_nesting_is_encoded_or_refused_but_never_a_crash() -> None:
    value: Any = 1
    for _ in range(300):  # deeper than orjson goes
        value = [value]
    assert encode_canonical(value) == b"[" * 300 + b"1" + b"]" * 300
    for _ in range(200_000):
        value = [value]
    with pytest.raises(NotCanonical):
        encode_canonical(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    value: dict[str, object] = {}
    value["again"] = [value]
    refuse_uncanonical(value)  # comes to an end
    with pytest.raises(NotCanonical, match="Circular reference"):
        encode_canonical(value)
