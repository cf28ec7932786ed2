"""The two ends of real sockets on this machine, found from outside."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from procrun.system import processes

if not processes.KNOWS_WAITS:
    pytest.skip("only Linux has this /proc", allow_module_level=True)

from procrun.system.linux_sockets import _address, socket_addresses, socket_peers


def name(end: socket.socket) -> str:
    return f"socket:[{os.fstat(end.fileno()).st_ino}]"


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_pair_of_unix_sockets(kind: int) -> None:
    one, other = socket.socketpair(socket.AF_UNIX, kind)
    with one, other:
        peers = socket_peers()
        assert (peers[name(one)], peers[name(other)]) == (name(other), name(one))


def test_a_unix_socket_that_was_connected(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        client.connect(str(tmp_path / "socket"))
        accepted, _ = server.accept()
        with accepted:
            peers = socket_peers()
            assert (peers[name(client)], peers[name(accepted)]) == (name(accepted), name(client))
            assert name(server) not in peers


def test_hundreds_of_unix_sockets_take_several_answers() -> None:
    pairs = [socket.socketpair() for _ in range(400)]
    try:
        peers = socket_peers()
        assert all(peers[name(one)] == name(other) for one, other in pairs)
    finally:
        for pair in pairs:
            for end in pair:
                end.close()


@pytest.mark.parametrize(
    ("family", "host", "shown"), [(socket.AF_INET, "127.0.0.1", "127.0.0.1"), (socket.AF_INET6, "::1", "[::1]")]
)
def test_a_connection_within_the_machine(family: int, host: str, shown: str) -> None:
    with socket.socket(family) as server:
        try:
            server.bind((host, 0))
        except OSError:
            pytest.skip("there is no IPv6 here")
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection((host, port)) as client:
            accepted, (_, client_port, *_rest) = server.accept()
            with accepted:
                peers = socket_peers()
                assert (peers[name(client)], peers[name(accepted)]) == (name(accepted), name(client))
                addresses = socket_addresses()
                assert addresses[name(server)] == f"{shown}:{port}, where it listens"
                assert addresses[name(client)] == f"{shown}:{port}"
                assert addresses[name(accepted)] == f"{shown}:{client_port}"


def test_a_client_of_ipv4_at_a_server_of_ipv6() -> None:
    """The same address is written in two ways."""
    with socket.socket(socket.AF_INET6) as server:
        try:
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            server.bind(("::", 0))
        except OSError:
            pytest.skip("there is no IPv6 here")
        server.listen()
        with socket.create_connection(("127.0.0.1", server.getsockname()[1])) as client:
            accepted, _ = server.accept()
            with accepted:
                assert socket_peers()[name(client)] == name(accepted)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0100007F:1F90", "127.0.0.1:8080"),
        ("00000000:0000", "0.0.0.0:0"),
        ("00000000000000000000000001000000:0050", "[::1]:80"),
        ("0000000000000000FFFF00000100007F:0050", "127.0.0.1:80"),
    ],
)
def test_an_address(text: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.byteorder", "little")
    assert _address(text) == address
