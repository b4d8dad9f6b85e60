"""Which addresses may be spoken to."""

from __future__ import annotations

import ipaddress
import socket
import threading

import pytest

from crm360.kernel import addresses

REFUSED = {
    "127.0.0.1": "loopback",
    "127.255.255.254": "all of loopback",
    "0.0.0.0": "unspecified",
    "0.1.2.3": "this network",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "100.64.0.1": "carrier-grade NAT",
    "169.254.169.254": "link-local: the metadata of a cloud",
    "192.0.0.1": "protocol assignments",
    "192.0.2.1": "documentation",
    "198.18.0.1": "benchmarking",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "unspecified",
    "::1": "loopback",
    "::ffff:127.0.0.1": "IPv4-mapped loopback",
    "::ffff:10.0.0.1": "IPv4-mapped private",
    "::ffff:169.254.169.254": "IPv4-mapped link-local",
    "::127.0.0.1": "IPv4-compatible",
    "64:ff9b::7f00:1": "NAT64 of loopback",
    "64:ff9b::808:808": "NAT64 of a public address",
    "64:ff9b:1::a00:1": "local NAT64",
    "2002:7f00:1::": "6to4 of loopback",
    "2002:a00:1::1": "6to4 of a private address",
    "2001:0:4136:e378:8000:63bf:80ff:fffe": "Teredo of loopback",
    "fc00::1": "unique local",
    "fd12:3456::1": "unique local",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local with its zone",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
    "2001:db8::1": "documentation",
    "100::1": "discard",
}
PERMITTED = [
    "1.1.1.1",
    "8.8.8.8",
    "172.15.255.255",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
]


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_on_the_public_internet_is_refused(address: str):
    assert not addresses.is_permitted(address), REFUSED[address]


@pytest.mark.parametrize("address", PERMITTED)
def test_public_addresses_are_permitted(address: str):
    assert addresses.is_permitted(address)


@pytest.mark.parametrize(
    ("address", "listed", "permitted"),
    [
        ("10.1.2.3", "10.1.0.0/16", True),
        ("10.2.2.3", "10.1.0.0/16", False),
        ("::ffff:10.1.2.3", "10.1.0.0/16", True),
        ("127.0.0.1", "127.0.0.0/8", True),
        ("::1", "127.0.0.0/8", False),
        ("::1", "::1/128", True),
        ("fd00::5", "fd00::/8", True),
        ("fe80::1%eth0", "fe80::/10", True),
    ],
)
def test_a_listed_network_is_permitted_and_nothing_beside_it(address: str, listed: str, permitted: bool):
    assert addresses.is_permitted(address, [ipaddress.ip_network(listed)]) is permitted


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost"])
def test_every_spelling_of_loopback_is_seen_for_what_it_is(host: str):
    found = addresses.resolve(host, within=10)
    assert found
    assert not any(addresses.is_permitted(address) for address in found)


@pytest.mark.parametrize("host", ["nobody.invalid", "a" * 300, "a..b"])
def test_names_without_an_address(host: str):
    with pytest.raises(addresses.NoAddress):
        addresses.resolve(host, within=10)


def test_the_resolver_has_a_deadline(monkeypatch: pytest.MonkeyPatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: over.wait(30) and [])
    with pytest.raises(TimeoutError):
        addresses.resolve("nobody.invalid", within=0.05)
    over.set()
