"""Bodies no sender should send, seeded: broken text, impossible numbers, bottomless nesting, bombs. For any door.

`python -m tests.malformed URL [COUNT] [SEED] [HEADER: VALUE …]` fires them at a running server and prints what it
answered; exit code 1 when an answer was 5xx.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import urllib.error
import urllib.request
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

DEEP = 10_000
GIGABYTE = 1 << 30


class Malformed(NamedTuple):
    """A body and what is wrong with it."""

    kind: str
    body: bytes


def bodies(count: int, seed: int = 1, base: dict[str, Any] | None = None) -> Iterator[Malformed]:
    """`count` bodies, every kind in turn; the same for the same seed. `base` is a sound body of the door, to be spoilt."""
    kinds = sorted(KINDS)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        chance = random.Random(f"{seed}/{number}")
        yield Malformed(kind, KINDS[kind](chance, _sound(base, seed, number)))


def bomb(unpacked: int) -> bytes:
    """A gzip body of about a thousandth of what it unpacks to."""
    member = _member()
    return member * max(1, unpacked // (64 << 20))


@cache
def _member() -> bytes:
    return gzip.compress(bytes(64 << 20), 9, mtime=0)


def _sound(base: dict[str, Any] | None, seed: int, number: int) -> bytes:
    event = {
        "type": "track", "event": "Product Added", "userId": f"user-{number % 50}", "properties": {"price": 19.99},
        "context": {"page": {"url": "https://shop.example/ł"}},
    }  # fmt: skip
    return json.dumps({"messageId": f"{seed}-{number}", **(base or event)}).encode()


def _inside(chance: random.Random, sound: bytes, piece: bytes) -> bytes:
    """`piece` as the value of a new member of the object, or of an event of a batch in it."""
    if chance.random() < 0.2:
        return sound[:-1] + b', "batch": [{"n": %d, "x": %s}]}' % (chance.randrange(10**9), piece)
    name = chance.choice([b"userId", b"event", b"properties", b"timestamp", b"id", b"context", b"x"])
    return sound[:-1] + b', "%s": %s}' % (name, piece)


def _bad_utf8(chance: random.Random, sound: bytes) -> bytes:
    wrong = chance.choice([b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\x80"])
    if chance.random() < 0.5:
        return _inside(chance, sound, b'"a' + wrong + b'b"')
    at = chance.randrange(len(sound))
    return sound[:at] + wrong + sound[at:]


def _nul(chance: random.Random, sound: bytes) -> bytes:
    return _inside(chance, sound, chance.choice([b'"a\x00b"', rb'"\u0000"', rb'{"\u0000": 1}', rb'"7\u0000"', b"\x00"]))


def _number(chance: random.Random, sound: bytes) -> bytes:
    written = [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400", b"9" * 5000, b"1e-400", b"0x10", b"01", b"+1"]
    return _inside(chance, sound, chance.choice([b"%s", b"[%s]", b'{"price": %s}']) % chance.choice(written))


def _surrogate(chance: random.Random, sound: bytes) -> bytes:
    half = chance.choice([rb"\ud800", rb"\udfff", rb"\udc00\ud800", rb"\uD83D", rb"\ud83d\u0041"])
    return _inside(chance, sound, chance.choice([b'"%s"', b'{"%s": 1}', b'["a", "%s"]']) % half)


def _depth(chance: random.Random, sound: bytes) -> bytes:
    opening, closing = chance.choice([(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
    levels = chance.choice([61, 200, 1000, DEEP])
    end = closing * (levels if chance.random() < 0.8 else levels // 2)
    deep = opening * levels + b"%d" % chance.randrange(10**9) + end
    return deep if chance.random() < 0.3 else _inside(chance, sound, deep)


def _twice(chance: random.Random, sound: bytes) -> bytes:
    name = chance.choice([b"userId", b"anonymousId", b"messageId", b"event", b"type", b"properties"])
    other = b'"other-%d"' % chance.randrange(10**9)
    return sound[:-1] + b', "%s": "first-%d", "%s": %s}' % (name, chance.randrange(10**9), name, other)


def _packed(chance: random.Random, sound: bytes) -> bytes:
    good = gzip.compress(sound, 1, mtime=0)
    made: list[Callable[[], bytes]] = [
        lambda: bomb(64 << 20) + b"%d" % chance.randrange(10**9),
        lambda: gzip.compress(gzip.compress(sound)),
        lambda: good[: chance.randrange(2, len(good))],
        lambda: good + b"trailing %d" % chance.randrange(10**9),
        lambda: good[:12] + chance.randbytes(40) + good[12:],
        lambda: b"\x1f\x8b" + chance.randbytes(30),
        lambda: zlib.compress(sound),
        lambda: gzip.compress(sound[:-1] + b', "x": "' + b"a" * 5_000_000 + b'"}', 1),
    ]
    return chance.choice(made)()


def _cut(chance: random.Random, sound: bytes) -> bytes:
    return sound[: chance.randrange(len(sound))]


def _flipped(chance: random.Random, sound: bytes) -> bytes:
    spoilt = bytearray(sound)
    for _ in range(chance.randint(1, 6)):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt)


def _no_object(chance: random.Random, sound: bytes) -> bytes:
    mark = b"%d" % chance.randrange(10**9)
    return chance.choice([
        b"", b" " * chance.randrange(1, 500), mark, b'"%s"' % mark, b"[%s]" % mark, b"null", b"true", b"[" + sound + b"]",
        sound + sound, b"\xef\xbb\xbf" + sound, sound.decode().encode("utf-16"), b"batch=" + mark, b"<x>%s</x>" % mark,
        sound.replace(b'"', b"'"), sound[:-1] + b",}", b"/* %s */" % mark + sound, chance.randbytes(200),
    ])  # fmt: skip


def _wrong_type(chance: random.Random, sound: bytes) -> bytes:
    event = json.loads(sound)
    own = chance.randrange(10**9)  # no two bodies may have one messageId, or the second is a repeat and rightly dropped
    wrong: list[Any] = [
        None,
        True,
        [],
        {},
        "",
        own,
        -own,
        own + 0.5,
        f"{own}" * 5_000,
        [[own]],
        {"a": {}},
        f"\u2028{own}",
    ]
    for name in chance.sample(sorted(event), k=min(len(event), 3)):
        event[name] = chance.choice(wrong)
    items: list[Any] = [None, {}, "x", 7, [None, own], [own, "a", []], [event.copy()], [[own]], [{"n": own}]]
    event["batch"], event["n"] = chance.choice(items), own
    return json.dumps(event).encode()


KINDS: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "bad UTF-8": _bad_utf8, "NUL": _nul, "impossible number": _number, "lone surrogate": _surrogate,
    "bottomless nesting": _depth, "a key twice": _twice, "broken archive or bomb": _packed, "cut off": _cut,
    "flipped bytes": _flipped, "no object": _no_object, "wrong types": _wrong_type,
}  # fmt: skip


def main(url: str, count: int = 1000, seed: int = 1, *headers: str) -> int:
    """Fire and tell."""
    answers: Counter[tuple[str, int]] = Counter()
    named = dict(header.split(": ", 1) for header in headers)
    for kind, body in bodies(count, seed):
        request = urllib.request.Request(url, body, named, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        answers[kind, status] += 1
    for (kind, status), times in sorted(answers.items()):
        sys.stdout.write(f"{kind:24} {status} {times:8,}\n")
    return int(any(status >= 500 for _, status in answers))


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(given[0], int(given[1]) if given[1:] else 1000, int(given[2]) if given[2:] else 1, *given[3:]))
