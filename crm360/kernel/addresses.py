"""Which network addresses may be spoken to: public ones, and private ones only where an operator listed their network."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: IPv6 that carries IPv4 which a gateway on the way may unpack: NAT64, its local kin, and the old compatible form.
_TRANSLATED = tuple(ipaddress.IPv6Network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96"))


class NoAddress(Exception):
    """The resolver has no answer for the name."""


def is_permitted(address: str, private_targets: Sequence[Network] = ()) -> bool:
    """Whether an address is on the public internet, or inside a network that was listed on purpose."""
    plain = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
    if any(plain.version == network.version and plain in network for network in private_targets):
        return True
    if isinstance(plain, ipaddress.IPv6Address) and (plain.is_site_local or any(plain in net for net in _TRANSLATED)):
        return False
    return plain.is_global and not (plain.is_multicast or plain.is_reserved or plain.is_unspecified)


def resolve(host: str, *, within: float) -> list[str]:
    """Addresses of a host, each once, in the order the system prefers. Raises NoAddress or TimeoutError.

    The system's resolver knows no deadline, so a thread of its own waits for it.
    """
    found: list[str] = []
    failed: list[Exception] = []

    def look_up() -> None:
        try:
            answers = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))
        except (OSError, ValueError) as error:  # ValueError: a name no resolver takes (too long, a zero byte)
            failed.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(max(within, 0))
    if thread.is_alive():
        raise TimeoutError(f"looking up {host}")
    if failed or not found:
        raise NoAddress(host)
    return found


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one: packets would end up there."""
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
    return address
