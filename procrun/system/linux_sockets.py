"""Which sockets of this machine are two ends of one connection, and where the others lead (Linux).

Unix sockets tell their peers only to a sock_diag(7) request, which needs no rights; TCP is matched by its
addresses in /proc/net.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import sys

# linux/netlink.h, linux/sock_diag.h, linux/unix_diag.h
_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST_DUMP = 0x1 | 0x300
_ERROR, _DONE = 2, 3
_UDIAG_SHOW_PEER = 0x4
_UNIX_DIAG_PEER = 2
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBHIIIII")
_MESSAGE = struct.Struct("=BBBBIII")
_ATTRIBUTE = struct.Struct("=HH")

_LISTENS = "0A"


def socket_peers() -> dict[str, str]:
    peers = _unix_peers()
    connections = {(row[0], row[1]): row[3] for row in _internet("tcp") if row[2] != _LISTENS}
    for (local, remote), inode in connections.items():
        peer = connections.get((remote, local))
        if peer is not None:
            peers[inode] = peer
    return {f"socket:[{one}]": f"socket:[{other}]" for one, other in peers.items()}


def socket_addresses() -> dict[str, str]:
    found = {}
    for protocol in ("tcp", "udp"):
        for local, remote, state, inode in _internet(protocol):
            listens = protocol == "tcp" and state == _LISTENS
            is_unconnected = remote.endswith(":0")
            found[f"socket:[{inode}]"] = f"{local}, where it listens" if listens or is_unconnected else remote
    return found


def _unix_peers() -> dict[str, str]:
    """Inode to inode, for each connected Unix socket; nothing where the kernel was built without the answer."""
    peers: dict[str, str] = {}
    try:
        with socket.socket(getattr(socket, "AF_NETLINK", -1), socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as asked:
            request = _REQUEST.pack(socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, _UDIAG_SHOW_PEER, 0xFFFFFFFF, 0xFFFFFFFF)
            asked.send(_HEADER.pack(_HEADER.size + len(request), _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 1, 0) + request)
            while _read_peers(asked.recv(1 << 16), peers):
                pass
    except OSError:
        return {}
    return peers


def _read_peers(data: bytes, peers: dict[str, str]) -> bool:
    """Add what an answer tells; whether there is more to come."""
    place = 0
    while place + _HEADER.size <= len(data):
        length, kind, *_ = _HEADER.unpack_from(data, place)
        if kind in (_DONE, _ERROR) or length < _HEADER.size:
            return False
        inode = _MESSAGE.unpack_from(data, place + _HEADER.size)[4]
        attribute = place + _HEADER.size + _MESSAGE.size
        while attribute + _ATTRIBUTE.size <= place + length:
            size, name = _ATTRIBUTE.unpack_from(data, attribute)
            if name == _UNIX_DIAG_PEER:
                (peer,) = struct.unpack_from("=I", data, attribute + _ATTRIBUTE.size)
                peers[str(inode)] = str(peer)
            attribute += max(_ATTRIBUTE.size, _aligned(size))
        place += _aligned(length)
    return True


def _aligned(size: int) -> int:
    return (size + 3) & ~3


def _internet(protocol: str) -> list[tuple[str, str, str, str]]:
    """(local address, remote address, state, inode) of every socket of a protocol."""
    rows = []
    for version in ("", "6"):
        try:
            with open(f"/proc/net/{protocol}{version}", encoding="ascii") as file:
                lines = file.readlines()[1:]
        except OSError:
            continue  # A kernel without IPv6, or a sandbox without a network.
        for line in lines:
            words = line.split()
            rows.append((_address(words[1]), _address(words[2]), words[3], words[9]))
    return rows


def _address(text: str) -> str:
    """`0100007F:1F90` as `127.0.0.1:8080`: 32-bit words in the machine's order, and the port."""
    digits, _, port = text.partition(":")
    order = "<" if sys.byteorder == "little" else ">"
    words = [int(digits[place : place + 8], 16) for place in range(0, len(digits), 8)]
    packed = struct.pack(f"{order}{len(words)}I", *words)
    address = ipaddress.ip_address(packed)
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return f"[{address}]:{int(port, 16)}" if address.version == 6 else f"{address}:{int(port, 16)}"
